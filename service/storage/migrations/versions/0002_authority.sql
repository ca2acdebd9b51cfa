CREATE TABLE delegation_order (
    id UUID NOT NULL,
    delegator_id UUID NOT NULL,
    delegate_id UUID NOT NULL,
    issuer_id UUID NOT NULL,
    parent_id UUID,
    authorities TEXT[] NOT NULL,
    process_keys TEXT[] NOT NULL,
    document_types TEXT[] NOT NULL,
    basis VARCHAR NOT NULL,
    from_on DATE NOT NULL,
    to_on DATE NOT NULL,
    allows_onward BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by_id UUID,
    end_reason VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_delegation_order PRIMARY KEY (id),
    CONSTRAINT fk_delegation_order_delegator_id FOREIGN KEY(delegator_id) REFERENCES account (id),
    CONSTRAINT fk_delegation_order_delegate_id FOREIGN KEY(delegate_id) REFERENCES account (id),
    CONSTRAINT fk_delegation_order_issuer_id FOREIGN KEY(issuer_id) REFERENCES account (id),
    CONSTRAINT fk_delegation_order_parent_id FOREIGN KEY(parent_id) REFERENCES delegation_order (id),
    CONSTRAINT fk_delegation_order_ended_by_id FOREIGN KEY(ended_by_id) REFERENCES account (id)
);

CREATE INDEX ix_delegation_order_delegate ON delegation_order (delegate_id);
CREATE INDEX ix_delegation_order_issuer ON delegation_order (issuer_id);

CREATE TABLE second_factor (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    secret VARCHAR NOT NULL,
    last_step BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_second_factor PRIMARY KEY (id),
    CONSTRAINT uq_second_factor_account_id UNIQUE (account_id),
    CONSTRAINT fk_second_factor_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);

ALTER TABLE login_session
    ADD COLUMN name VARCHAR NOT NULL DEFAULT '',
    ADD COLUMN grants TEXT[],
    ADD COLUMN stepped_up_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE user_task ADD COLUMN authority VARCHAR NOT NULL DEFAULT 'assign';

CREATE INDEX ix_document_instance ON document (instance_id);

-- The orders by which an account acts for others on a day: [{order_id, basis, authorities, …, principal}].
CREATE FUNCTION mandates_on(p_account_id uuid, p_on date) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'order_id', o.id, 'basis', o.basis, 'authorities', o.authorities,
            'process_keys', o.process_keys, 'document_types', o.document_types,
            'account_id', p.id, 'login', p.login, 'full_name', p.full_name,
            'roles', roles_on(p.id, p_on)) ORDER BY o.created_at, o.id), '[]'::jsonb)
        FROM delegation_order o JOIN account p ON p.id = o.delegator_id
        WHERE o.delegate_id = p_account_id AND o.ended_at IS NULL AND p.disabled_at IS NULL
          AND p_on BETWEEN o.from_on AND o.to_on
    );

REVOKE EXECUTE ON FUNCTION mandates_on(uuid, date) FROM PUBLIC;

-- As in the first release, and: the orders in force, a program's token, when the second factor was proved.
CREATE OR REPLACE FUNCTION authenticate(
    p_token_hash bytea, p_carrier text, p_now timestamptz, p_idle interval) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_today date := (p_now AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
    v_session record;
    v_answer jsonb;
BEGIN
    SELECT s.id, s.agency_id, s.last_seen_at, s.account_id, s.grants, s.stepped_up_at INTO v_session
    FROM login_session s
    WHERE s.token_hash = p_token_hash
      AND (s.carrier = p_carrier OR (s.carrier = 'program' AND p_carrier = 'bearer'))
      AND s.revoked_at IS NULL AND s.expires_at > p_now
      AND (s.carrier = 'program' OR s.last_seen_at > p_now - p_idle);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    SELECT jsonb_build_object(
        'session_id', v_session.id,
        'grants', v_session.grants, 'stepped_up_at', v_session.stepped_up_at,
        'agency_id', g.id, 'agency_code', g.code,
        'account_id', a.id, 'login', a.login, 'full_name', a.full_name,
        'must_change_password', a.must_change_password,
        'roles', roles_on(a.id, v_today),
        'mandates', mandates_on(a.id, v_today),
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
