-- Work that leaders assign (nhiệm vụ), who has which part in it, and what was done about it.

CREATE TABLE assignment (
    id UUID NOT NULL,
    instance_id UUID NOT NULL,
    parent_id UUID,
    document_id UUID,
    slip_id UUID,
    state VARCHAR NOT NULL,
    percent INTEGER NOT NULL,
    content VARCHAR(500) NOT NULL,
    description VARCHAR(8000) NOT NULL,
    expected_product VARCHAR(1000) NOT NULL,
    urgency VARCHAR NOT NULL,
    assigner_id UUID NOT NULL,
    lead_id UUID,
    lead_unit_id UUID,
    assigned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    first_due_at TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE,
    deadline JSONB NOT NULL,
    accepted_at TIMESTAMP WITH TIME ZONE,
    overdue_at TIMESTAMP WITH TIME ZONE,
    waiting_for VARCHAR(1000),
    reported_at TIMESTAMP WITH TIME ZONE,
    result VARCHAR(8000),
    products JSONB NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    is_late BOOLEAN,
    call_key UUID NOT NULL,
    version INTEGER NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_assignment PRIMARY KEY (id),
    CONSTRAINT fk_assignment_parent_id FOREIGN KEY (parent_id) REFERENCES assignment (id),
    CONSTRAINT fk_assignment_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_assignment_slip_id FOREIGN KEY (slip_id) REFERENCES submission_slip (id),
    CONSTRAINT fk_assignment_assigner_id FOREIGN KEY (assigner_id) REFERENCES account (id),
    CONSTRAINT fk_assignment_lead_id FOREIGN KEY (lead_id) REFERENCES account (id),
    CONSTRAINT fk_assignment_lead_unit_id FOREIGN KEY (lead_unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_assignment_instance ON assignment (instance_id);
CREATE INDEX ix_assignment_parent ON assignment (parent_id);
CREATE INDEX ix_assignment_document ON assignment (document_id);
CREATE INDEX ix_assignment_slip ON assignment (slip_id);
CREATE INDEX ix_assignment_list ON assignment (agency_id, assigned_at, id);
CREATE INDEX ix_assignment_due ON assignment (agency_id, state, due_at);

CREATE TABLE assignment_party (
    assignment_id UUID NOT NULL,
    part VARCHAR NOT NULL,
    reference VARCHAR NOT NULL,
    account_id UUID,
    unit_id UUID,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_assignment_party PRIMARY KEY (assignment_id, part, reference),
    CONSTRAINT fk_assignment_party_assignment_id
        FOREIGN KEY (assignment_id) REFERENCES assignment (id) ON DELETE CASCADE,
    CONSTRAINT fk_assignment_party_account_id FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT fk_assignment_party_unit_id FOREIGN KEY (unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_assignment_party_reference ON assignment_party (agency_id, reference, assignment_id);

CREATE TABLE assignment_entry (
    id UUID NOT NULL,
    assignment_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    verb VARCHAR NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    by_id UUID,
    on_behalf_of_id UUID,
    words VARCHAR(8000) NOT NULL,
    percent INTEGER,
    details JSONB NOT NULL,
    task_id UUID,
    call_key UUID NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_assignment_entry PRIMARY KEY (id),
    CONSTRAINT uq_assignment_entry_assignment_id_ordinal UNIQUE (assignment_id, ordinal),
    CONSTRAINT uq_assignment_entry_assignment_id_call_key UNIQUE (assignment_id, call_key),
    CONSTRAINT fk_assignment_entry_assignment_id FOREIGN KEY (assignment_id) REFERENCES assignment (id),
    CONSTRAINT fk_assignment_entry_by_id FOREIGN KEY (by_id) REFERENCES account (id),
    CONSTRAINT fk_assignment_entry_on_behalf_of_id FOREIGN KEY (on_behalf_of_id) REFERENCES account (id),
    CONSTRAINT fk_assignment_entry_task_id FOREIGN KEY (task_id) REFERENCES user_task (id)
);
