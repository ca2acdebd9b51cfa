-- Who may take each open task, kept ready for lists: a list then begins at its reader, not at every open task.

-- The owner references of each task that is open, or that ended without ever having had an owner and so still shows
-- to those who might have taken it; with its due time, 'infinity' where it has none. Derived from the task by the
-- triggers below, and written by nothing else.
CREATE TABLE user_task_owner (
    task_id UUID NOT NULL,
    reference VARCHAR NOT NULL,
    is_open BOOLEAN NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_user_task_owner PRIMARY KEY (task_id, reference),
    CONSTRAINT fk_user_task_owner_task_id FOREIGN KEY (task_id) REFERENCES user_task (id) ON DELETE CASCADE
);

CREATE INDEX ix_user_task_owner_list ON user_task_owner (agency_id, reference, is_open, due_at, task_id);

CREATE FUNCTION keep_task_owners() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM user_task_owner WHERE task_id = NEW.id;
    END IF;
    IF NEW.is_open OR NEW.owner_id IS NULL THEN
        INSERT INTO user_task_owner (task_id, reference, is_open, due_at, agency_id)
        SELECT DISTINCT NEW.id, reference, NEW.is_open, coalesce(NEW.due_at, 'infinity'), NEW.agency_id
        FROM unnest(NEW.owners) AS reference WHERE reference IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION keep_task_owners() FROM PUBLIC;

CREATE TRIGGER keep_owners_of_new AFTER INSERT ON user_task
    FOR EACH ROW EXECUTE FUNCTION keep_task_owners();

-- Claiming an open task, saving a draft and the like change nothing here and cost nothing.
CREATE TRIGGER keep_owners_of_changed AFTER UPDATE OF is_open, owners, due_at, owner_id ON user_task
    FOR EACH ROW WHEN (OLD.is_open IS DISTINCT FROM NEW.is_open
                       OR OLD.owners IS DISTINCT FROM NEW.owners
                       OR OLD.due_at IS DISTINCT FROM NEW.due_at
                       OR NOT NEW.is_open AND OLD.owner_id IS DISTINCT FROM NEW.owner_id)
    EXECUTE FUNCTION keep_task_owners();

INSERT INTO user_task_owner (task_id, reference, is_open, due_at, agency_id)
SELECT DISTINCT id, reference, is_open, coalesce(due_at, 'infinity'), agency_id
FROM user_task, unnest(owners) AS reference WHERE (is_open OR owner_id IS NULL) AND reference IS NOT NULL;

-- Open tasks that arose for people who had left by then, as before, by the rows instead of an index of the arrays.
CREATE OR REPLACE FUNCTION due_stray_tasks(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT DISTINCT t.agency_id, g.code, t.id
    FROM account a
    JOIN user_task_owner w ON w.agency_id = a.agency_id AND w.reference = 'user:' || a.login AND w.is_open
    JOIN user_task t ON t.id = w.task_id
    JOIN agency g ON g.id = a.agency_id
    WHERE a.disabled_at <= p_now AND a.locked_at IS NULL AND t.created_at >= a.disabled_at AND t.owner_id IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM unnest(t.owners) AS o (reference)
          WHERE NOT EXISTS (
              SELECT 1 FROM account b
              WHERE b.agency_id = t.agency_id AND 'user:' || b.login = o.reference
                AND b.disabled_at IS NOT NULL AND b.locked_at IS NULL))
    LIMIT p_limit
$$;

DROP INDEX ix_user_task_owners;

-- In the order of lists, which put what has no due time last; the open ones beside the closed ones.
DROP INDEX ix_user_task_due;
CREATE INDEX ix_user_task_due ON user_task (agency_id, is_open, coalesce(due_at, 'infinity'::timestamptz), id);

CREATE INDEX ix_user_task_assigner ON user_task (agency_id, assigner, is_open, instance_id) WHERE assigner IS NOT NULL;
CREATE INDEX ix_process_instance_newest ON process_instance (agency_id, started_at, id);
CREATE INDEX ix_process_instance_initiator ON process_instance (initiator_id) WHERE initiator_id IS NOT NULL;
CREATE INDEX ix_submission_slip_newest ON submission_slip (agency_id, created_at, id);
