-- Keys that sign, a person's consent to one signature, and the signatures that documents carry (NĐ 30/2020
-- Điều 13, 32–33); numbers that are reserved before they are registered, or voided (Điều 15).

CREATE TABLE signing_key (
    id UUID NOT NULL,
    account_id UUID,
    issuing_body_id UUID,
    kind VARCHAR NOT NULL,
    reference VARCHAR NOT NULL,
    certificate BYTEA NOT NULL,
    chain JSONB NOT NULL,
    fingerprint VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    issuer VARCHAR NOT NULL,
    not_before TIMESTAMP WITH TIME ZONE NOT NULL,
    not_after TIMESTAMP WITH TIME ZONE NOT NULL,
    is_test BOOLEAN NOT NULL,
    image_sha256 BYTEA,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by_id UUID,
    disabled_at TIMESTAMP WITH TIME ZONE,
    disabled_by_id UUID,
    disable_reason VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_signing_key PRIMARY KEY (id),
    CONSTRAINT ck_signing_key_one_owner CHECK ((account_id IS NULL) <> (issuing_body_id IS NULL)),
    CONSTRAINT fk_signing_key_account_id FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT fk_signing_key_issuing_body_id FOREIGN KEY (issuing_body_id) REFERENCES issuing_body (id),
    CONSTRAINT fk_signing_key_created_by_id FOREIGN KEY (created_by_id) REFERENCES account (id),
    CONSTRAINT fk_signing_key_disabled_by_id FOREIGN KEY (disabled_by_id) REFERENCES account (id)
);

CREATE UNIQUE INDEX uq_signing_key_fingerprint ON signing_key (agency_id, fingerprint) WHERE disabled_at IS NULL;
CREATE INDEX ix_signing_key_account ON signing_key (account_id);
CREATE INDEX ix_signing_key_issuing_body ON signing_key (issuing_body_id);

CREATE TABLE signing_consent (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    document_id UUID NOT NULL,
    act VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    file_id UUID NOT NULL,
    file_sha256 BYTEA NOT NULL,
    key_id UUID NOT NULL,
    method VARCHAR NOT NULL,
    prepared JSONB,
    signature BYTEA,
    completed_sha256 BYTEA,
    level VARCHAR,
    registry_entry_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_signing_consent PRIMARY KEY (id),
    CONSTRAINT fk_signing_consent_account_id FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT fk_signing_consent_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_signing_consent_file_id FOREIGN KEY (file_id) REFERENCES document_file (id),
    CONSTRAINT fk_signing_consent_key_id FOREIGN KEY (key_id) REFERENCES signing_key (id),
    CONSTRAINT fk_signing_consent_registry_entry_id FOREIGN KEY (registry_entry_id) REFERENCES registry_entry (id)
);

CREATE INDEX ix_signing_consent_document ON signing_consent (document_id);

CREATE TABLE document_signature (
    id UUID NOT NULL,
    document_id UUID NOT NULL,
    file_id UUID NOT NULL,
    act VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    account_id UUID,
    issuing_body_id UUID,
    key_id UUID NOT NULL,
    consent_id UUID NOT NULL,
    signer_name VARCHAR NOT NULL,
    certificate_subject VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    is_test BOOLEAN NOT NULL,
    level VARCHAR NOT NULL,
    signed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    voided_at TIMESTAMP WITH TIME ZONE,
    void_reason VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_document_signature PRIMARY KEY (id),
    CONSTRAINT uq_document_signature_consent_id UNIQUE (consent_id),
    CONSTRAINT fk_document_signature_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_document_signature_file_id FOREIGN KEY (file_id) REFERENCES document_file (id),
    CONSTRAINT fk_document_signature_account_id FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT fk_document_signature_issuing_body_id FOREIGN KEY (issuing_body_id) REFERENCES issuing_body (id),
    CONSTRAINT fk_document_signature_key_id FOREIGN KEY (key_id) REFERENCES signing_key (id),
    CONSTRAINT fk_document_signature_consent_id FOREIGN KEY (consent_id) REFERENCES signing_consent (id)
);

CREATE INDEX ix_document_signature_document ON document_signature (document_id);

-- Long-term proof of a document's file, and when its last time-stamp wants renewing.
CREATE TABLE signature_archive (
    file_id UUID NOT NULL,
    document_id UUID NOT NULL,
    level VARCHAR NOT NULL,
    raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
    renew_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fault VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_signature_archive PRIMARY KEY (file_id),
    CONSTRAINT fk_signature_archive_file_id FOREIGN KEY (file_id) REFERENCES document_file (id),
    CONSTRAINT fk_signature_archive_document_id FOREIGN KEY (document_id) REFERENCES document (id)
);

CREATE INDEX ix_signature_archive_renewal ON signature_archive (renew_at);

-- How a State body numbers its administrative documents: one series for all types, or one for each (Điều 15).
CREATE TABLE number_scheme (
    issuing_body_id UUID NOT NULL,
    is_per_type BOOLEAN NOT NULL,
    basis VARCHAR NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_by_id UUID,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_number_scheme PRIMARY KEY (issuing_body_id),
    CONSTRAINT fk_number_scheme_issuing_body_id FOREIGN KEY (issuing_body_id) REFERENCES issuing_body (id),
    CONSTRAINT fk_number_scheme_changed_by_id FOREIGN KEY (changed_by_id) REFERENCES account (id)
);

-- A line begins reserved or registered; a voided number stays taken.
ALTER TABLE registry_entry ADD COLUMN state VARCHAR;
UPDATE registry_entry SET state = CASE WHEN voided_at IS NULL THEN 'registered' ELSE 'voided' END;
ALTER TABLE registry_entry ALTER COLUMN state SET NOT NULL;
ALTER TABLE registry_entry ADD CONSTRAINT ck_registry_entry_state
    CHECK (state IN ('reserved', 'registered', 'voided') AND (state = 'voided') = (voided_at IS NOT NULL));
GRANT UPDATE (state, registered_at, registered_by_id) ON registry_entry TO congvan_app;

CREATE FUNCTION due_signature_renewals(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.agency_id, g.code, a.file_id
    FROM signature_archive a JOIN agency g ON g.id = a.agency_id
    WHERE a.renew_at <= p_now ORDER BY a.renew_at LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION due_signature_renewals(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION due_signature_renewals(timestamptz, integer) TO congvan_app;
