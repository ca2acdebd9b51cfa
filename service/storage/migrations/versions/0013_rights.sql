-- Changes of rights that wait for confirmation, leaders' words on what aides entered, dates of decrees.

CREATE TABLE permission_change (
    id UUID NOT NULL,
    kind VARCHAR NOT NULL,
    object_id UUID NOT NULL,
    account_id UUID NOT NULL,
    facts JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id UUID,
    undoes_id UUID,
    decision VARCHAR,
    decided_at TIMESTAMP WITH TIME ZONE,
    decided_by_id UUID,
    reason VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_permission_change PRIMARY KEY (id),
    CONSTRAINT fk_permission_change_account_id FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT fk_permission_change_actor_id FOREIGN KEY (actor_id) REFERENCES account (id),
    CONSTRAINT fk_permission_change_undoes_id FOREIGN KEY (undoes_id) REFERENCES permission_change (id),
    CONSTRAINT fk_permission_change_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES account (id)
);

CREATE INDEX ix_permission_change_open ON permission_change (agency_id, id) WHERE decision IS NULL;
CREATE INDEX ix_permission_change_account ON permission_change (account_id);

CREATE TABLE task_confirmation (
    id UUID NOT NULL,
    task_id UUID NOT NULL,
    account_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    outcome VARCHAR NOT NULL,
    words VARCHAR NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_task_confirmation PRIMARY KEY (id),
    CONSTRAINT uq_task_confirmation_task_id UNIQUE (task_id),
    CONSTRAINT fk_task_confirmation_task_id FOREIGN KEY (task_id) REFERENCES user_task (id),
    CONSTRAINT fk_task_confirmation_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);

-- Who gave the work, and the order by which another did it; the orders of tasks done before stand in the audit.
ALTER TABLE user_task
    ADD COLUMN assigner VARCHAR,
    ADD COLUMN order_id UUID,
    ADD CONSTRAINT fk_user_task_order_id FOREIGN KEY (order_id) REFERENCES delegation_order (id);

UPDATE user_task t SET order_id = o.id
FROM audit_event e JOIN delegation_order o ON o.id::text = e.details ->> 'delegation'
WHERE e.action = 'user_task.complete' AND e.object_id = t.id;

CREATE INDEX ix_user_task_on_behalf ON user_task (on_behalf_of_id) WHERE on_behalf_of_id IS NOT NULL;

-- The date of the decree or notice that a day stands on; what was kept before this column has none.
ALTER TABLE calendar_day ADD COLUMN decreed_on DATE;

DROP FUNCTION inherited_days();

CREATE FUNCTION inherited_days()
    RETURNS TABLE (depth integer, "on" date, is_working boolean, label text, source text, decreed_on date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.depth, d."on", d.is_working, d.label, d.source, d.decreed_on
    FROM agencies_above() a JOIN calendar_day d ON d.agency_id = a.agency_id
$$;

REVOKE EXECUTE ON FUNCTION inherited_days() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION inherited_days() TO congvan_app;

-- Open tasks whose rule says that the clock stands in a state of the work, and whose clock does not agree with
-- the state of their document. A clock that somebody stopped by hand is left alone.
CREATE INDEX ix_user_task_stops ON user_task (id) WHERE is_open AND deadline -> 'stops' IS NOT NULL;

CREATE FUNCTION disagreeing_clocks(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid, instance_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT t.agency_id, g.code, t.id, t.instance_id
    FROM user_task t JOIN agency g ON g.id = t.agency_id
    WHERE t.is_open AND t.deadline -> 'stops' IS NOT NULL AND t.created_at <= p_now
      AND t.state <> 'suspended' AND t.due_at IS NOT NULL
      AND (t.deadline ->> 'paused_at' IS NULL OR t.deadline ->> 'paused_in' IS NOT NULL)
      AND coalesce((SELECT bool_or(jsonb_exists(t.deadline -> 'stops', d.status))
                    FROM document d WHERE d.instance_id = t.instance_id), false)
          <> (t.deadline ->> 'paused_at' IS NOT NULL)
    ORDER BY t.due_at LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION disagreeing_clocks(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION disagreeing_clocks(timestamptz, integer) TO congvan_app;
