-- Hours by season, the deadline ledger, reminders.

CREATE TABLE calendar_season (
    id UUID NOT NULL,
    first_on DATE NOT NULL,
    last_on DATE NOT NULL,
    label VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    week JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_calendar_season PRIMARY KEY (id),
    CONSTRAINT ck_calendar_season_order CHECK (first_on <= last_on)
);

CREATE TABLE deadline_entry (
    id UUID NOT NULL,
    task_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind VARCHAR NOT NULL,
    actor_id UUID,
    reason VARCHAR NOT NULL,
    old_due_at TIMESTAMP WITH TIME ZONE,
    new_due_at TIMESTAMP WITH TIME ZONE,
    old_deadline JSONB,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_deadline_entry PRIMARY KEY (id),
    CONSTRAINT fk_deadline_entry_task_id FOREIGN KEY (task_id) REFERENCES user_task (id),
    CONSTRAINT fk_deadline_entry_actor_id FOREIGN KEY (actor_id) REFERENCES account (id)
);

CREATE INDEX ix_deadline_entry_task ON deadline_entry (task_id, at);

CREATE TABLE reminder_ladder (
    agency_id UUID NOT NULL,
    process_key VARCHAR NOT NULL,
    rungs JSONB NOT NULL,
    CONSTRAINT pk_reminder_ladder PRIMARY KEY (agency_id, process_key)
);

CREATE TABLE task_reminder (
    task_id UUID NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent JSONB NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_task_reminder PRIMARY KEY (task_id),
    CONSTRAINT fk_task_reminder_task_id FOREIGN KEY (task_id) REFERENCES user_task (id)
);

CREATE INDEX ix_task_reminder_next ON task_reminder (next_at);

-- The caller's agency and those above it, nearest first: an office inherits the calendar of the office above.
CREATE FUNCTION agencies_above() RETURNS TABLE (agency_id uuid, depth integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH RECURSIVE above AS (
        SELECT a.id, a.parent_id, 0 AS depth FROM agency a WHERE a.id = current_agency()
        UNION ALL
        SELECT a.id, a.parent_id, above.depth + 1 FROM agency a JOIN above ON a.id = above.parent_id
        WHERE above.depth < 20
    )
    SELECT id, depth FROM above
$$;

CREATE FUNCTION inherited_days()
    RETURNS TABLE (depth integer, "on" date, is_working boolean, label text, source text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.depth, d."on", d.is_working, d.label, d.source
    FROM agencies_above() a JOIN calendar_day d ON d.agency_id = a.agency_id
$$;

CREATE FUNCTION inherited_seasons()
    RETURNS TABLE (depth integer, id uuid, first_on date, last_on date, label text, source text, week jsonb,
                   created_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.depth, s.id, s.first_on, s.last_on, s.label, s.source, s.week, s.created_at
    FROM agencies_above() a JOIN calendar_season s ON s.agency_id = a.agency_id
$$;

-- Open tasks whose next reminder is due, that nobody has planned yet, or whose deadline has moved since.
CREATE FUNCTION due_reminders(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid, instance_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT t.agency_id, g.code, t.id, t.instance_id
    FROM user_task t JOIN agency g ON g.id = t.agency_id LEFT JOIN task_reminder r ON r.task_id = t.id
    WHERE t.is_open AND t.due_at IS NOT NULL
      AND (r.task_id IS NULL OR r.next_at <= p_now OR r.due_at <> t.due_at)
    ORDER BY t.due_at LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION agencies_above(), inherited_days(), inherited_seasons(),
    due_reminders(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION inherited_days(), inherited_seasons(), due_reminders(timestamptz, integer)
    TO congvan_app;
