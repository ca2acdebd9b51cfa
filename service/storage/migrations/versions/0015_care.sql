-- Who answers for the agency's account, shares with other agencies, taking data out.

CREATE TABLE account_care (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    keeper_id UUID NOT NULL,
    from_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until_at TIMESTAMP WITH TIME ZONE,
    basis VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by_id UUID,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_account_care PRIMARY KEY (id),
    CONSTRAINT ck_account_care_period CHECK (until_at IS NULL OR from_at <= until_at),
    CONSTRAINT fk_account_care_account_id FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT fk_account_care_keeper_id FOREIGN KEY (keeper_id) REFERENCES account (id),
    CONSTRAINT fk_account_care_created_by_id FOREIGN KEY (created_by_id) REFERENCES account (id)
);

CREATE INDEX ix_account_care_account ON account_care (account_id, from_at);
CREATE INDEX ix_account_care_keeper ON account_care (keeper_id);

-- A session of the agency's account belongs to whoever answers for the account when it is opened.
ALTER TABLE login_session
    ADD COLUMN keeper_id UUID,
    ADD CONSTRAINT fk_login_session_keeper_id FOREIGN KEY (keeper_id) REFERENCES account (id);

CREATE INDEX ix_login_session_keeper ON login_session (keeper_id) WHERE keeper_id IS NOT NULL;

-- Who answers for an account at an instant, if that person's own account is open.
CREATE FUNCTION keeper_at(p_account_id uuid, p_now timestamptz) RETURNS uuid
    LANGUAGE sql STABLE
    RETURN (
        SELECT k.id FROM account_care c JOIN account k ON k.id = c.keeper_id
        WHERE c.account_id = p_account_id AND c.from_at <= p_now
          AND (c.until_at IS NULL OR c.until_at > p_now) AND k.disabled_at IS NULL
        ORDER BY c.from_at DESC LIMIT 1
    );

CREATE FUNCTION name_keeper_of_session() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    IF (SELECT a.kind FROM account a WHERE a.id = NEW.account_id) = 'agency' THEN
        NEW.keeper_id := keeper_at(NEW.account_id, NEW.created_at);
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER name_keeper_of_session BEFORE INSERT ON login_session
    FOR EACH ROW EXECUTE FUNCTION name_keeper_of_session();

REVOKE EXECUTE ON FUNCTION keeper_at(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keeper_at(uuid, timestamptz) TO congvan_app;

-- As find_login(text), and: the agency's account opens for nobody while nobody answers for it.
CREATE FUNCTION find_login(p_login text, p_now timestamptz)
    RETURNS TABLE (account_id uuid, agency_id uuid, agency_code text, login text, full_name text,
                   password_hash text, must_change_password boolean, is_disabled boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.id, a.agency_id, g.code, a.login, a.full_name, a.password_hash, a.must_change_password,
           a.disabled_at IS NOT NULL OR (a.kind = 'agency' AND keeper_at(a.id, p_now) IS NULL)
    FROM account a JOIN agency g ON g.id = a.agency_id
    WHERE lower(a.login) = lower(p_login)
$$;

REVOKE EXECUTE ON FUNCTION find_login(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_login(text, timestamptz) TO congvan_app;

-- As before, and: a session of the agency's account lives as long as the person who opened it answers for it.
CREATE OR REPLACE FUNCTION authenticate(
    p_token_hash bytea, p_carrier text, p_now timestamptz, p_idle interval) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_today date := (p_now AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
    v_session record;
    v_answer jsonb;
BEGIN
    SELECT s.id, s.agency_id, s.last_seen_at, s.account_id, s.grants, s.stepped_up_at, s.keeper_id INTO v_session
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
        'keeper', (
            SELECT jsonb_build_object('login', k.login, 'full_name', k.full_name)
            FROM account k WHERE k.id = v_session.keeper_id),
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
    WHERE a.id = v_session.account_id AND a.disabled_at IS NULL
      AND (a.kind <> 'agency' OR keeper_at(a.id, p_now) = v_session.keeper_id);
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

-- As before, and: a failure may have been counted when the try began.
CREATE OR REPLACE FUNCTION note_failed_login(
    p_id uuid, p_login_hash bytea, p_address text, p_login text, p_request_id text, p_now timestamptz)
    RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH failed AS (
        INSERT INTO login_failure (id, login_hash, address, at) VALUES (p_id, p_login_hash, p_address, p_now)
        ON CONFLICT (id) DO NOTHING
    )
    INSERT INTO audit_event (agency_id, at, action, object_kind, object_id, request_id, details)
    SELECT a.agency_id, p_now, 'session.refuse', 'account', a.id, p_request_id,
           jsonb_build_object('address', p_address)
    FROM account a WHERE lower(a.login) = lower(p_login)
$$;

-- What happens when data is taken out as a file: warn, or ask first that the rule about carriers is known.
ALTER TABLE agency ADD COLUMN export_rule VARCHAR;
UPDATE agency SET export_rule = 'warn';
ALTER TABLE agency
    ALTER COLUMN export_rule SET NOT NULL,
    ADD CONSTRAINT ck_agency_export_rule CHECK (export_rule IN ('warn', 'confirm'));
GRANT UPDATE (export_rule) ON agency TO congvan_app;

CREATE OR REPLACE FUNCTION create_child_agency(
    p_id uuid, p_code text, p_name text, p_side text, p_organ_id text, p_now timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF current_agency() IS NULL THEN
        RAISE EXCEPTION 'create_child_agency needs a current agency';
    END IF;
    INSERT INTO agency (id, code, name, side, organ_id, parent_id, created_at, export_rule)
    VALUES (p_id, p_code, p_name, p_side, p_organ_id, current_agency(), p_now, 'warn');
END
$$;

-- A document that the agency made, open to another agency of the installation for a time.
CREATE TABLE document_share (
    id UUID NOT NULL,
    document_id UUID NOT NULL,
    receiver_id UUID NOT NULL,
    reason VARCHAR NOT NULL,
    may_download BOOLEAN NOT NULL,
    from_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until_at TIMESTAMP WITH TIME ZONE NOT NULL,
    given_by_id UUID,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by_id UUID,
    end_reason VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_document_share PRIMARY KEY (id),
    CONSTRAINT ck_document_share_period CHECK (from_at < until_at),
    CONSTRAINT fk_document_share_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_document_share_receiver_id FOREIGN KEY (receiver_id) REFERENCES agency (id),
    CONSTRAINT fk_document_share_given_by_id FOREIGN KEY (given_by_id) REFERENCES account (id),
    CONSTRAINT fk_document_share_ended_by_id FOREIGN KEY (ended_by_id) REFERENCES account (id)
);

CREATE INDEX ix_document_share_document ON document_share (document_id);
CREATE INDEX ix_document_share_receiver ON document_share (receiver_id, until_at) WHERE ended_at IS NULL;

-- The agency of a code, by name, for whoever shares with it: its identifier is nobody's secret, its rows are.
CREATE FUNCTION find_agency_by_code(p_code text) RETURNS TABLE (agency_id uuid, agency_code text, name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT g.id, g.code, g.name FROM agency g WHERE g.code = p_code
$$;

-- What other agencies share with the caller's own one at an instant: the only way in which a row of theirs is
-- seen, and never more of it than this. What is secret, locked, recalled or not the giver's own is no part of it.
CREATE FUNCTION shared_documents(p_now timestamptz)
    RETURNS TABLE (id uuid, giver_id uuid, giver_code text, giver_name text, document_id uuid, reason text,
                   may_download boolean, from_at timestamptz, until_at timestamptz, type_name text,
                   code_number text, code_notation text, issued_on date, organ_name text, subject text,
                   signer_position text, signer_name text, page_amount integer, urgency text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT s.id, g.id, g.code, g.name, d.id, s.reason, s.may_download, s.from_at, s.until_at, d.type_name,
           d.code_number, d.code_notation, d.issued_on, d.organ_name, d.subject,
           d.signer_position, d.signer_name, d.page_amount, d.urgency
    FROM document_share s
    JOIN document d ON d.id = s.document_id AND d.agency_id = s.agency_id
    JOIN agency g ON g.id = s.agency_id
    WHERE s.receiver_id = current_agency() AND s.agency_id <> s.receiver_id AND s.ended_at IS NULL
      AND s.from_at <= p_now AND s.until_at > p_now
      AND d.direction <> 'incoming' AND d.secrecy = 'none' AND d.status IN ('issued', 'completed')
      AND NOT EXISTS (
          SELECT 1 FROM spill p WHERE p.document_id = d.id AND p.state IN ('quarantined', 'wiping', 'wiped'))
$$;

REVOKE EXECUTE ON FUNCTION find_agency_by_code(text), shared_documents(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_agency_by_code(text), shared_documents(timestamptz) TO congvan_app;

-- As before, and: logins and ways to another provider that nobody took to their end.
CREATE OR REPLACE FUNCTION sweep_expired(p_now timestamptz) RETURNS bigint
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
    DELETE FROM login_challenge WHERE expires_at <= p_now;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    v_total := v_total + v_gone;
    DELETE FROM passkey_challenge WHERE expires_at <= p_now;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    v_total := v_total + v_gone;
    DELETE FROM provider_login WHERE expires_at <= p_now;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    v_total := v_total + v_gone;
    DELETE FROM login_session WHERE expires_at < p_now - interval '90 days';
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    RETURN v_total + v_gone;
END
$$;

-- The agency above the caller's own one, by name: where it turns when it has lost its administration (S3-7.2c).
CREATE FUNCTION parent_agency() RETURNS TABLE (agency_id uuid, agency_code text, name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT p.id, p.code, p.name FROM agency a JOIN agency p ON p.id = a.parent_id WHERE a.id = current_agency()
$$;

REVOKE EXECUTE ON FUNCTION parent_agency() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION parent_agency() TO congvan_app;

-- Which transaction changed a row last, on the same axis as the audit's: what another system reads by, so that it
-- misses nothing that was committed after it looked. A restore into another cluster goes on behind what was there.
CREATE FUNCTION mark_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    NEW.changed_xact := pg_current_xact_id()::text::bigint
        + coalesce((SELECT e.xact_offset FROM audit_epoch e ORDER BY e.number DESC LIMIT 1), 0);
    RETURN NEW;
END
$$;

REVOKE EXECUTE ON FUNCTION mark_change() FROM PUBLIC;

-- Below this no transaction can still write: a reader that stops here has seen everything up to it.
CREATE FUNCTION settled_xact() RETURNS bigint
    LANGUAGE sql STABLE
    RETURN pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        + coalesce((SELECT e.xact_offset FROM audit_epoch e ORDER BY e.number DESC LIMIT 1), 0);

REVOKE EXECUTE ON FUNCTION settled_xact() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settled_xact() TO congvan_app;

ALTER TABLE document ADD COLUMN changed_xact BIGINT;
UPDATE document SET changed_xact = 0;
ALTER TABLE document ALTER COLUMN changed_xact SET NOT NULL;
CREATE INDEX ix_document_changes ON document (agency_id, changed_xact, id);
CREATE TRIGGER mark_change BEFORE INSERT OR UPDATE ON document FOR EACH ROW EXECUTE FUNCTION mark_change();

ALTER TABLE registry_entry ADD COLUMN changed_xact BIGINT;
UPDATE registry_entry SET changed_xact = 0;
ALTER TABLE registry_entry ALTER COLUMN changed_xact SET NOT NULL;
CREATE INDEX ix_registry_entry_changes ON registry_entry (agency_id, changed_xact, id);
CREATE TRIGGER mark_change BEFORE INSERT OR UPDATE ON registry_entry FOR EACH ROW EXECUTE FUNCTION mark_change();
