-- Who may see each document, kept ready for lists: a list then begins at its reader, not at every document.

-- Owner references that a document's trace names: receivers of notices, and the heads and clerks of the units
-- that a direction names. Derived from the trace by the trigger below, and written by nothing else.
CREATE TABLE document_reader (
    document_id UUID NOT NULL,
    reference VARCHAR NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_document_reader PRIMARY KEY (document_id, reference),
    CONSTRAINT fk_document_reader_document_id FOREIGN KEY (document_id) REFERENCES document (id) ON DELETE CASCADE
);

-- No GIN index on the trace itself: under row-level security PostgreSQL uses an index only by operators that
-- leak nothing, which equality of text is and containment in arrays and JSON is not.
CREATE INDEX ix_document_reader_reference ON document_reader (agency_id, reference, document_id);

CREATE FUNCTION readers_in_trace(p_trace jsonb) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT told #>> '{}' FROM jsonb_path_query(p_trace, 'lax $[*].recipients[*]') told
        WHERE jsonb_typeof(told) = 'string'
    UNION
    SELECT head || (code #>> '{}')
    FROM jsonb_path_query(p_trace, 'lax $[*] ? (@.kind == "direction")') line,
        LATERAL (
            SELECT jsonb_path_query(line, 'lax $.lead_unit')
            UNION ALL SELECT jsonb_path_query(line, 'lax $.coordinating_units[*]')
        ) named (code),
        (VALUES ('role:unit_head@unit:'), ('role:unit_clerk@unit:')) receiving (head)
    WHERE jsonb_typeof(code) = 'string'
$$;

CREATE FUNCTION keep_document_readers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.trace IS NOT DISTINCT FROM OLD.trace THEN
            RETURN NULL;
        END IF;
        DELETE FROM document_reader
        WHERE document_id = NEW.id AND reference NOT IN (SELECT readers_in_trace(NEW.trace));
    END IF;
    INSERT INTO document_reader (document_id, reference, agency_id)
    SELECT NEW.id, reference, NEW.agency_id FROM readers_in_trace(NEW.trace) AS reference
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION keep_document_readers() FROM PUBLIC;

CREATE TRIGGER keep_readers AFTER INSERT OR UPDATE OF trace ON document
    FOR EACH ROW EXECUTE FUNCTION keep_document_readers();

INSERT INTO document_reader (document_id, reference, agency_id)
SELECT id, reference, agency_id FROM document, readers_in_trace(trace) AS reference;

-- What a search looks through, in small letters already: the abstract apart, which not everyone may read.
ALTER TABLE document
    ADD COLUMN search_line TEXT NOT NULL
        GENERATED ALWAYS AS (lower(code_number || E'\n' || code_notation || E'\n' || organ_name)) STORED,
    ADD COLUMN search_subject TEXT NOT NULL GENERATED ALWAYS AS (lower(subject)) STORED;

CREATE INDEX ix_document_entrant ON document (created_by_id) WHERE created_by_id IS NOT NULL;
CREATE INDEX ix_document_public ON document (agency_id, created_at) WHERE is_public;
CREATE INDEX ix_document_recipient_account ON document_recipient (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX ix_document_recipient_unit ON document_recipient (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX ix_dossier_item_document ON dossier_item (document_id);
CREATE INDEX ix_draft_signer ON draft (signer_id) WHERE signer_id IS NOT NULL;
CREATE INDEX ix_user_task_had ON user_task (owner_id, instance_id) WHERE owner_id IS NOT NULL;
CREATE INDEX ix_user_task_completed_by ON user_task (completed_by_id, instance_id) WHERE completed_by_id IS NOT NULL;
CREATE INDEX ix_user_task_delegator ON user_task (delegator_id) WHERE delegator_id IS NOT NULL;
