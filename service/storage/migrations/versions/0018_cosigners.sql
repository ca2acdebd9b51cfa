-- Drafts that more than one person or body signs.

CREATE TABLE draft_cosigner (
    document_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    account_id UUID NOT NULL,
    name VARCHAR(50) NOT NULL,
    capacity VARCHAR NOT NULL,
    position VARCHAR(100) NOT NULL,
    words JSONB NOT NULL,
    issuing_body_id UUID NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_draft_cosigner PRIMARY KEY (document_id, ordinal),
    CONSTRAINT uq_draft_cosigner_document_id_account_id UNIQUE (document_id, account_id),
    CONSTRAINT ck_draft_cosigner_after_the_first CHECK (ordinal >= 2),
    CONSTRAINT fk_draft_cosigner_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_draft_cosigner_account_id FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT fk_draft_cosigner_issuing_body_id FOREIGN KEY (issuing_body_id) REFERENCES issuing_body (id)
);

CREATE INDEX ix_draft_cosigner_account ON draft_cosigner (account_id);
