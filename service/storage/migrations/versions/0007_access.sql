-- Timed access outside one's duty, attestations of files, malware scans, spills of secret content.

CREATE TABLE access_request (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    instance_id UUID,
    reason VARCHAR(1000) NOT NULL,
    scope VARCHAR NOT NULL,
    codes TEXT[] NOT NULL,
    dossier_id UUID,
    from_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until_at TIMESTAMP WITH TIME ZONE NOT NULL,
    may_download BOOLEAN NOT NULL,
    state VARCHAR NOT NULL,
    approvals JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    end_reason VARCHAR(500),
    agency_id UUID NOT NULL,
    CONSTRAINT pk_access_request PRIMARY KEY (id),
    CONSTRAINT fk_access_request_account_id FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT fk_access_request_dossier_id FOREIGN KEY (dossier_id) REFERENCES dossier (id),
    CONSTRAINT ck_access_request_period CHECK (from_at < until_at)
);

CREATE INDEX ix_access_request_account ON access_request (account_id, id);

CREATE TABLE access_grant (
    id UUID NOT NULL,
    request_id UUID NOT NULL,
    account_id UUID NOT NULL,
    document_id UUID,
    dossier_id UUID,
    from_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until_at TIMESTAMP WITH TIME ZONE NOT NULL,
    may_download BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_access_grant PRIMARY KEY (id),
    CONSTRAINT fk_access_grant_request_id FOREIGN KEY (request_id) REFERENCES access_request (id),
    CONSTRAINT fk_access_grant_account_id FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT fk_access_grant_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_access_grant_dossier_id FOREIGN KEY (dossier_id) REFERENCES dossier (id),
    CONSTRAINT ck_access_grant_scope CHECK ((document_id IS NULL) <> (dossier_id IS NULL))
);

CREATE INDEX ix_access_grant_account ON access_grant (account_id) WHERE ended_at IS NULL;
CREATE INDEX ix_access_grant_request ON access_grant (request_id);

CREATE TABLE file_attestation (
    id UUID NOT NULL,
    sha256 BYTEA NOT NULL,
    object_kind VARCHAR NOT NULL,
    object_id UUID NOT NULL,
    account_id UUID,
    organ_id VARCHAR(35),
    statement VARCHAR NOT NULL,
    zone VARCHAR NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_file_attestation PRIMARY KEY (id),
    CONSTRAINT fk_file_attestation_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);

CREATE INDEX ix_file_attestation_file ON file_attestation (agency_id, sha256);

CREATE TABLE blob_scan (
    id UUID NOT NULL,
    sha256 BYTEA NOT NULL,
    state VARCHAR NOT NULL,
    finding VARCHAR(300),
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    scanned_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_blob_scan PRIMARY KEY (id),
    CONSTRAINT uq_blob_scan_agency_id_sha256 UNIQUE (agency_id, sha256)
);

CREATE INDEX ix_blob_scan_due ON blob_scan (due_at);

CREATE TABLE spill (
    id UUID NOT NULL,
    document_id UUID NOT NULL,
    secrecy VARCHAR NOT NULL,
    reason VARCHAR(1000) NOT NULL,
    state VARCHAR NOT NULL,
    readers JSONB NOT NULL,
    masked JSONB NOT NULL,
    reported_by_id UUID NOT NULL,
    reported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_by_id UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    decision_reason VARCHAR(1000),
    wiped_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_spill PRIMARY KEY (id),
    CONSTRAINT fk_spill_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_spill_reported_by_id FOREIGN KEY (reported_by_id) REFERENCES account (id),
    CONSTRAINT fk_spill_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES account (id)
);

CREATE INDEX ix_spill_document ON spill (document_id);
CREATE INDEX ix_spill_wiping ON spill (decided_at) WHERE state = 'wiping';

CREATE TABLE spill_file (
    spill_id UUID NOT NULL,
    sha256 BYTEA NOT NULL,
    size_bytes BIGINT NOT NULL,
    wiped_at TIMESTAMP WITH TIME ZONE,
    outcome VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_spill_file PRIMARY KEY (spill_id, sha256),
    CONSTRAINT fk_spill_file_spill_id FOREIGN KEY (spill_id) REFERENCES spill (id)
);

CREATE INDEX ix_spill_file_sha256 ON spill_file (agency_id, sha256);

-- Every content that comes in waits for a scan, whichever way it came: no caller can forget it.
CREATE FUNCTION await_scan() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO blob_scan (id, sha256, state, attempts, due_at, created_at, agency_id)
    VALUES (gen_random_uuid(), NEW.sha256, 'waiting', 0, NEW.created_at, NEW.created_at, NEW.agency_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER blob_awaits_scan AFTER INSERT ON blob FOR EACH ROW EXECUTE FUNCTION await_scan();

INSERT INTO blob_scan (id, sha256, state, attempts, due_at, created_at, agency_id)
SELECT gen_random_uuid(), sha256, 'waiting', 0, created_at, created_at, agency_id FROM blob;

-- What waits for a scan or is to be scanned again, for a worker that serves every agency.
CREATE FUNCTION due_scans(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT s.agency_id, g.code, s.id
    FROM blob_scan s JOIN agency g ON g.id = s.agency_id
    WHERE s.due_at <= p_now ORDER BY s.due_at, s.id LIMIT p_limit
$$;

-- Spills whose bytes are to be wiped, for a worker that serves every agency.
CREATE FUNCTION due_wipes(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT s.agency_id, g.code, s.id
    FROM spill s JOIN agency g ON g.id = s.agency_id
    WHERE s.state = 'wiping' AND s.decided_at <= p_now ORDER BY s.decided_at LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION due_scans(timestamptz, integer), due_wipes(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION due_scans(timestamptz, integer), due_wipes(timestamptz, integer) TO congvan_app;

-- A text of JSON without some words, wherever in its strings they stand.
CREATE FUNCTION without_words(p_text text, p_words text[], p_mark text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp
AS $$
DECLARE
    v_word text;
    v_quoted text;
BEGIN
    FOREACH v_word IN ARRAY p_words LOOP
        v_quoted := to_json(v_word)::text;
        p_text := replace(p_text, substr(v_quoted, 2, length(v_quoted) - 2), p_mark);
    END LOOP;
    RETURN p_text;
END
$$;

-- Wiping a spill takes the words of a document out of what is otherwise only added to: the history of its work,
-- remarks, registers, notices, messages that left, and answers kept for repeated requests.
CREATE FUNCTION forget_words(p_document_id uuid, p_instances uuid[], p_words text[], p_mark text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_agency uuid := current_agency();
    v_word text;
BEGIN
    UPDATE history SET steps = without_words(steps::text, p_words, p_mark)::jsonb
    WHERE agency_id = v_agency AND instance_id = ANY (p_instances);
    UPDATE task_note SET body = p_mark, file_name = CASE WHEN file_name IS NULL THEN NULL ELSE p_mark END
    WHERE agency_id = v_agency AND instance_id = ANY (p_instances);
    UPDATE user_task SET subject = p_mark, draft = NULL
    WHERE agency_id = v_agency AND instance_id = ANY (p_instances);
    UPDATE job SET params = without_words(params::text, p_words, p_mark)::jsonb
    WHERE agency_id = v_agency AND instance_id = ANY (p_instances);
    UPDATE registry_entry SET columns = without_words(columns::text, p_words, p_mark)::jsonb
    WHERE agency_id = v_agency AND document_id = p_document_id;
    UPDATE notice SET parameters = without_words(parameters::text, p_words, p_mark)::jsonb
    WHERE agency_id = v_agency;
    UPDATE outbox SET payload = without_words(payload::text, p_words, p_mark)::jsonb
    WHERE agency_id = v_agency;
    FOREACH v_word IN ARRAY p_words LOOP
        DELETE FROM idempotency_key
        WHERE agency_id = v_agency AND position(convert_to(v_word, 'UTF8') IN answer) > 0;
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION forget_words(uuid, uuid[], text[], text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_words(uuid, uuid[], text[], text) TO congvan_app;

-- A spill covers the words in notices until it is decided.
GRANT UPDATE (parameters) ON notice TO congvan_app;
