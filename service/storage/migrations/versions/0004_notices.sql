-- Notices to people, and how they want to be told by mail.

CREATE TABLE notice (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    kind VARCHAR NOT NULL,
    parameters JSONB NOT NULL,
    urgency VARCHAR NOT NULL,
    object_kind VARCHAR,
    object_id UUID,
    dedupe_key VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE,
    mailed_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_notice PRIMARY KEY (id),
    CONSTRAINT uq_notice_account_id_dedupe_key UNIQUE (account_id, dedupe_key),
    CONSTRAINT fk_notice_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);

CREATE INDEX ix_notice_account ON notice (account_id, id);
CREATE INDEX ix_notice_unread ON notice (account_id) WHERE read_at IS NULL;

CREATE TABLE notice_preference (
    account_id UUID NOT NULL,
    mail VARCHAR NOT NULL,
    address VARCHAR,
    language VARCHAR NOT NULL,
    digest_at TIME WITHOUT TIME ZONE NOT NULL,
    quiet_from TIME WITHOUT TIME ZONE,
    quiet_to TIME WITHOUT TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_notice_preference PRIMARY KEY (account_id),
    CONSTRAINT fk_notice_preference_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);
