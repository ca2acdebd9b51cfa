-- Drafts of outgoing documents, whom they go to, and what each file of a document is for.

ALTER TABLE document_file ADD COLUMN kind VARCHAR, ADD COLUMN note VARCHAR(500);
UPDATE document_file SET kind = 'source', note = '';
ALTER TABLE document_file ALTER COLUMN kind SET NOT NULL, ALTER COLUMN note SET NOT NULL;

CREATE TABLE draft (
    document_id UUID NOT NULL,
    profile VARCHAR NOT NULL,
    profile_from DATE NOT NULL,
    type_code VARCHAR NOT NULL,
    issuing_body_id UUID NOT NULL,
    drafting_unit_id UUID,
    drafter_id UUID NOT NULL,
    signer_id UUID,
    capacity VARCHAR NOT NULL,
    signer_position VARCHAR NOT NULL,
    fields JSONB NOT NULL,
    origin VARCHAR NOT NULL,
    current_version INTEGER NOT NULL,
    layout JSONB,
    answers_id UUID,
    replaces_id UUID,
    corrects_id UUID,
    frozen_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_draft PRIMARY KEY (document_id),
    CONSTRAINT fk_draft_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_draft_issuing_body_id FOREIGN KEY (issuing_body_id) REFERENCES issuing_body (id),
    CONSTRAINT fk_draft_drafting_unit_id FOREIGN KEY (drafting_unit_id) REFERENCES unit (id),
    CONSTRAINT fk_draft_drafter_id FOREIGN KEY (drafter_id) REFERENCES account (id),
    CONSTRAINT fk_draft_signer_id FOREIGN KEY (signer_id) REFERENCES account (id),
    CONSTRAINT fk_draft_answers_id FOREIGN KEY (answers_id) REFERENCES document (id),
    CONSTRAINT fk_draft_replaces_id FOREIGN KEY (replaces_id) REFERENCES document (id),
    CONSTRAINT fk_draft_corrects_id FOREIGN KEY (corrects_id) REFERENCES document (id)
);

CREATE INDEX ix_draft_drafter ON draft (drafter_id);
CREATE INDEX ix_draft_replaces ON draft (replaces_id) WHERE replaces_id IS NOT NULL;

CREATE TABLE document_recipient (
    id UUID NOT NULL,
    document_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    organ_id VARCHAR,
    unit_id UUID,
    account_id UUID,
    name VARCHAR(200) NOT NULL,
    channel VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_document_recipient PRIMARY KEY (id),
    CONSTRAINT uq_document_recipient_document_id_ordinal UNIQUE (document_id, ordinal),
    CONSTRAINT fk_document_recipient_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_document_recipient_unit_id FOREIGN KEY (unit_id) REFERENCES unit (id),
    CONSTRAINT fk_document_recipient_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);
