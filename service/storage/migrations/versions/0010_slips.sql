-- Submission slips and the opinions on them.

CREATE TABLE submission_slip (
    id UUID NOT NULL,
    instance_id UUID NOT NULL,
    document_id UUID,
    state VARCHAR NOT NULL,
    result VARCHAR,
    submission_number INTEGER NOT NULL,
    matter VARCHAR(500) NOT NULL,
    urgency VARCHAR NOT NULL,
    is_for_signature BOOLEAN NOT NULL,
    mode VARCHAR NOT NULL,
    content JSONB NOT NULL,
    earlier JSONB NOT NULL,
    leaders TEXT[] NOT NULL,
    consulted TEXT[] NOT NULL,
    submitter_id UUID NOT NULL,
    unit_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    submitted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE,
    opened_by_id UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    frozen_at TIMESTAMP WITH TIME ZONE,
    file_sha256 BYTEA,
    file_size_bytes BIGINT,
    call_key UUID NOT NULL,
    version INTEGER NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_submission_slip PRIMARY KEY (id),
    CONSTRAINT fk_submission_slip_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_submission_slip_submitter_id FOREIGN KEY (submitter_id) REFERENCES account (id),
    CONSTRAINT fk_submission_slip_unit_id FOREIGN KEY (unit_id) REFERENCES unit (id),
    CONSTRAINT fk_submission_slip_opened_by_id FOREIGN KEY (opened_by_id) REFERENCES account (id)
);

CREATE INDEX ix_submission_slip_instance ON submission_slip (instance_id);
CREATE INDEX ix_submission_slip_document ON submission_slip (document_id);
CREATE INDEX ix_submission_slip_list ON submission_slip (agency_id, submitter_id, created_at);

CREATE TABLE slip_opinion (
    id UUID NOT NULL,
    slip_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    submission_number INTEGER NOT NULL,
    step VARCHAR NOT NULL,
    asked VARCHAR NOT NULL,
    view VARCHAR NOT NULL,
    words VARCHAR(8000) NOT NULL,
    given_by_id UUID,
    on_behalf_of_id UUID,
    given_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    is_late BOOLEAN NOT NULL,
    clause VARCHAR NOT NULL,
    task_id UUID,
    call_key UUID NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_slip_opinion PRIMARY KEY (id),
    CONSTRAINT uq_slip_opinion_slip_id_ordinal UNIQUE (slip_id, ordinal),
    CONSTRAINT uq_slip_opinion_slip_id_call_key UNIQUE (slip_id, call_key),
    CONSTRAINT fk_slip_opinion_slip_id FOREIGN KEY (slip_id) REFERENCES submission_slip (id),
    CONSTRAINT fk_slip_opinion_given_by_id FOREIGN KEY (given_by_id) REFERENCES account (id),
    CONSTRAINT fk_slip_opinion_on_behalf_of_id FOREIGN KEY (on_behalf_of_id) REFERENCES account (id),
    CONSTRAINT fk_slip_opinion_task_id FOREIGN KEY (task_id) REFERENCES user_task (id)
);
