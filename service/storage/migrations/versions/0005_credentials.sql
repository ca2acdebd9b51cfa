-- Recovery codes, passkeys, the steps of a login that is not complete, identities of another provider.

CREATE TABLE recovery_code (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_recovery_code PRIMARY KEY (id),
    CONSTRAINT uq_recovery_code_account_id_code_hash UNIQUE (account_id, code_hash),
    CONSTRAINT fk_recovery_code_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);

CREATE TABLE passkey (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    credential_id BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    sign_count BIGINT NOT NULL,
    transports TEXT[] NOT NULL,
    aaguid VARCHAR NOT NULL,
    is_backed_up BOOLEAN NOT NULL,
    name VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_passkey PRIMARY KEY (id),
    CONSTRAINT uq_passkey_credential_id UNIQUE (credential_id),
    CONSTRAINT fk_passkey_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);

CREATE INDEX ix_passkey_account ON passkey (account_id);

CREATE TABLE passkey_challenge (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    purpose VARCHAR NOT NULL,
    bound_to UUID NOT NULL,
    challenge BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_passkey_challenge PRIMARY KEY (id),
    CONSTRAINT uq_passkey_challenge_bound_to_purpose UNIQUE (bound_to, purpose),
    CONSTRAINT fk_passkey_challenge_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);

CREATE INDEX ix_passkey_challenge_account ON passkey_challenge (account_id);

CREATE TABLE login_challenge (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    carrier VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    device VARCHAR NOT NULL,
    failures INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_login_challenge PRIMARY KEY (id),
    CONSTRAINT uq_login_challenge_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_login_challenge_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);

CREATE INDEX ix_login_challenge_account ON login_challenge (account_id);

CREATE TABLE provider_identity (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    issuer VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_provider_identity PRIMARY KEY (id),
    CONSTRAINT uq_provider_identity_issuer_subject UNIQUE (issuer, subject),
    CONSTRAINT uq_provider_identity_account_id_issuer UNIQUE (account_id, issuer),
    CONSTRAINT fk_provider_identity_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);

CREATE TABLE provider_login (
    id UUID NOT NULL,
    state_hash BYTEA NOT NULL,
    browser_hash BYTEA NOT NULL,
    nonce VARCHAR NOT NULL,
    code_verifier VARCHAR NOT NULL,
    account_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_provider_login PRIMARY KEY (id),
    CONSTRAINT uq_provider_login_state_hash UNIQUE (state_hash),
    CONSTRAINT fk_provider_login_account_id FOREIGN KEY (account_id) REFERENCES account (id)
);

CREATE INDEX ix_provider_login_expires ON provider_login (agency_id, expires_at);

-- Failures of a second factor are counted beside failed logins; the runtime role could add those already.
GRANT INSERT ON login_failure TO congvan_app;

-- What an account can prove itself with beside its password: ["totp", "passkey", "recovery_code"].
CREATE FUNCTION factors_of(p_account_id uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN (
        SELECT coalesce(jsonb_agg(f.kind), '[]'::jsonb)
        FROM (
            SELECT 'totp' AS kind FROM second_factor s
            WHERE s.account_id = p_account_id AND s.confirmed_at IS NOT NULL
            UNION ALL
            SELECT 'passkey' WHERE EXISTS (SELECT 1 FROM passkey k WHERE k.account_id = p_account_id)
            UNION ALL
            SELECT 'recovery_code' WHERE EXISTS (
                SELECT 1 FROM recovery_code c WHERE c.account_id = p_account_id AND c.used_at IS NULL)
        ) f
    );

-- A login whose password was right and whose second factor is still wanted; no session, no rights.
CREATE FUNCTION find_login_challenge(p_token_hash bytea, p_now timestamptz)
    RETURNS TABLE (id uuid, account_id uuid, agency_id uuid, agency_code text, login text, full_name text,
                   must_change_password boolean, carrier text, origin text, address text, device text,
                   failures integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT c.id, a.id, a.agency_id, g.code, a.login, a.full_name, a.must_change_password,
           c.carrier, c.origin, c.address, c.device, c.failures
    FROM login_challenge c JOIN account a ON a.id = c.account_id JOIN agency g ON g.id = a.agency_id
    WHERE c.token_hash = p_token_hash AND c.expires_at > p_now AND a.disabled_at IS NULL
$$;

REVOKE EXECUTE ON FUNCTION factors_of(uuid), find_login_challenge(bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    factors_of(uuid), roles_on(uuid, date), find_login_challenge(bytea, timestamptz) TO congvan_app;

-- As before, and: what the person can prove themselves with.
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
        'factors', factors_of(a.id),
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
