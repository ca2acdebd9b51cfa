-- What the runtime role may do across agencies, and nothing more: each function runs as the owner.

-- The roles of an account on a day of the office calendar: [[role, unit code or null], …].
CREATE FUNCTION roles_on(p_account_id uuid, p_on date) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_array(m.role, u.code) ORDER BY m.role, u.code), '[]'::jsonb)
        FROM membership m LEFT JOIN unit u ON u.id = m.unit_id
        WHERE m.account_id = p_account_id
          AND (m.from_on IS NULL OR m.from_on <= p_on)
          AND (m.to_on IS NULL OR m.to_on >= p_on)
    );

-- One statement from a token to an actor: finds a live session, sets the agency of this transaction,
-- returns who it is and what they may act as, or null.
CREATE FUNCTION authenticate(p_token_hash bytea, p_carrier text, p_now timestamptz, p_idle interval)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_today date := (p_now AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
    v_session record;
    v_answer jsonb;
BEGIN
    SELECT s.id, s.agency_id, s.last_seen_at, s.account_id INTO v_session
    FROM login_session s
    WHERE s.token_hash = p_token_hash AND s.carrier = p_carrier
      AND s.revoked_at IS NULL AND s.expires_at > p_now AND s.last_seen_at > p_now - p_idle;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    SELECT jsonb_build_object(
        'session_id', v_session.id,
        'agency_id', g.id, 'agency_code', g.code,
        'account_id', a.id, 'login', a.login, 'full_name', a.full_name,
        'must_change_password', a.must_change_password,
        'roles', roles_on(a.id, v_today),
        'assists', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'account_id', l.id, 'login', l.login, 'full_name', l.full_name,
                'roles', roles_on(l.id, v_today))), '[]'::jsonb)
            FROM assistance h JOIN account l ON l.id = h.leader_id
            WHERE h.aide_id = a.id AND l.disabled_at IS NULL
              AND (h.from_on IS NULL OR h.from_on <= v_today)
              AND (h.to_on IS NULL OR h.to_on >= v_today)))
    INTO v_answer
    FROM account a JOIN agency g ON g.id = a.agency_id
    WHERE a.id = v_session.account_id AND a.disabled_at IS NULL;
    IF v_answer IS NULL THEN
        RETURN NULL;
    END IF;

    PERFORM set_config('app.agency_id', v_session.agency_id::text, true);
    IF v_session.last_seen_at < p_now - interval '1 minute' THEN
        -- Parallel requests of one session must not wait for each other here.
        UPDATE login_session SET last_seen_at = p_now
        WHERE id = (SELECT id FROM login_session WHERE id = v_session.id FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN v_answer;
END
$$;

-- The account behind a login name, for checking a password before any agency is known.
CREATE FUNCTION find_login(p_login text)
    RETURNS TABLE (account_id uuid, agency_id uuid, agency_code text, login text, full_name text,
                   password_hash text, must_change_password boolean, is_disabled boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.id, a.agency_id, g.code, a.login, a.full_name, a.password_hash, a.must_change_password,
           a.disabled_at IS NOT NULL
    FROM account a JOIN agency g ON g.id = a.agency_id
    WHERE lower(a.login) = lower(p_login)
$$;

-- A failed login, counted, and audited where there is such an account: one statement and one commit either way, so
-- that the time it takes does not tell which logins exist.
CREATE FUNCTION note_failed_login(
    p_id uuid, p_login_hash bytea, p_address text, p_login text, p_request_id text, p_now timestamptz)
    RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH failed AS (
        INSERT INTO login_failure (id, login_hash, address, at) VALUES (p_id, p_login_hash, p_address, p_now)
    )
    INSERT INTO audit_event (agency_id, at, action, object_kind, object_id, request_id, details)
    SELECT a.agency_id, p_now, 'session.refuse', 'account', a.id, p_request_id,
           jsonb_build_object('address', p_address)
    FROM account a WHERE lower(a.login) = lower(p_login)
$$;

-- An agency under the caller's own one.
CREATE FUNCTION create_child_agency(
    p_id uuid, p_code text, p_name text, p_side text, p_organ_id text, p_now timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF current_agency() IS NULL THEN
        RAISE EXCEPTION 'create_child_agency needs a current agency';
    END IF;
    INSERT INTO agency (id, code, name, side, organ_id, parent_id, created_at)
    VALUES (p_id, p_code, p_name, p_side, p_organ_id, current_agency(), p_now);
END
$$;

-- What is due, for a worker that serves every agency; it locks inside each agency's own transaction.
CREATE FUNCTION due_timers(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid, instance_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT t.agency_id, g.code, t.id, t.instance_id
    FROM timer t JOIN agency g ON g.id = t.agency_id
    WHERE NOT t.held AND t.due_at <= p_now ORDER BY t.due_at, t.id LIMIT p_limit
$$;

CREATE FUNCTION due_timer_starts(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid, definition_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT t.agency_id, g.code, t.id, t.definition_id
    FROM timer_start t JOIN agency g ON g.id = t.agency_id
    WHERE t.due_at <= p_now ORDER BY t.due_at LIMIT p_limit
$$;

CREATE FUNCTION due_jobs(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid, instance_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT j.agency_id, g.code, j.id, j.instance_id
    FROM job j JOIN agency g ON g.id = j.agency_id
    JOIN process_instance i ON i.id = j.instance_id AND i.state = 'active'
    WHERE j.state = 'pending' AND j.due_at <= p_now ORDER BY j.due_at LIMIT p_limit
$$;

CREATE FUNCTION due_outbox(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT o.agency_id, g.code, o.id
    FROM outbox o JOIN agency g ON g.id = o.agency_id
    WHERE o.state = 'pending' AND o.due_at <= p_now ORDER BY o.due_at, o.id LIMIT p_limit
$$;

-- Every agency, for a worker's calendar-driven rounds.
CREATE FUNCTION list_agencies() RETURNS TABLE (agency_id uuid, agency_code text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT id, code FROM agency ORDER BY code
$$;

-- Housekeeping: what has served its time goes; returns how many rows went.
CREATE FUNCTION sweep_expired(p_now timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_gone bigint;
    v_total bigint := 0;
BEGIN
    DELETE FROM login_failure WHERE at < p_now - interval '1 day';
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    v_total := v_total + v_gone;
    DELETE FROM idempotency_key WHERE created_at < p_now - interval '7 days';
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    v_total := v_total + v_gone;
    DELETE FROM login_session WHERE expires_at < p_now - interval '90 days';
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    RETURN v_total + v_gone;
END
$$;

-- The content addresses in use by any agency among those asked about.
CREATE FUNCTION used_blobs(p_sha256 bytea[]) RETURNS SETOF bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT DISTINCT b.sha256 FROM blob b WHERE b.sha256 = ANY (p_sha256)
$$;

REVOKE EXECUTE ON FUNCTION
    authenticate(bytea, text, timestamptz, interval), find_login(text),
    note_failed_login(uuid, bytea, text, text, text, timestamptz), roles_on(uuid, date),
    create_child_agency(uuid, text, text, text, text, timestamptz),
    due_timers(timestamptz, integer), due_timer_starts(timestamptz, integer),
    due_jobs(timestamptz, integer), due_outbox(timestamptz, integer),
    list_agencies(), sweep_expired(timestamptz), used_blobs(bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    authenticate(bytea, text, timestamptz, interval), find_login(text),
    note_failed_login(uuid, bytea, text, text, text, timestamptz),
    create_child_agency(uuid, text, text, text, text, timestamptz),
    due_timers(timestamptz, integer), due_timer_starts(timestamptz, integer),
    due_jobs(timestamptz, integer), due_outbox(timestamptz, integer),
    list_agencies(), sweep_expired(timestamptz), used_blobs(bytea[]) TO congvan_app;
