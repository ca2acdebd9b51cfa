-- The feed tells a change by its row. Whether a row may be told can change beside it: a spill locks or releases its
-- document, a document that becomes secret or is taken back takes the lines of registers with it.

CREATE FUNCTION mark_spilled() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    UPDATE document SET changed_xact = changed_xact WHERE id = NEW.document_id;
    UPDATE registry_entry SET changed_xact = changed_xact WHERE document_id = NEW.document_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION mark_entries() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    UPDATE registry_entry SET changed_xact = changed_xact WHERE document_id = NEW.id;
    RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION mark_spilled(), mark_entries() FROM PUBLIC;

CREATE TRIGGER mark_spilled AFTER INSERT OR UPDATE OF state ON spill
    FOR EACH ROW EXECUTE FUNCTION mark_spilled();

CREATE TRIGGER mark_entries AFTER UPDATE OF secrecy, status ON document FOR EACH ROW
    WHEN (
        OLD.secrecy IS DISTINCT FROM NEW.secrecy
        OR (OLD.status IN ('deleted', 'recall_pending', 'recalled'))
            <> (NEW.status IN ('deleted', 'recall_pending', 'recalled'))
    )
    EXECUTE FUNCTION mark_entries();
