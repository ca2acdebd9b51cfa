-- A body that issues documents in its own name (NĐ 30/2020 Điều 15; HD 36-HD/VPTW): one clerical office may
-- serve several (S0-9.1g2), each with its seal and its number series. Party bodies number by term.
CREATE TABLE issuing_body (
    id UUID NOT NULL,
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    notation VARCHAR NOT NULL,
    side VARCHAR NOT NULL,
    term VARCHAR,
    term_from_on DATE,
    place VARCHAR NOT NULL,
    superior_name VARCHAR NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_issuing_body PRIMARY KEY (id),
    CONSTRAINT uq_issuing_body_agency_id_code UNIQUE (agency_id, code)
);

-- The terms of a Party body, each with its days; its numbers begin again with each (HD 36-HD/VPTW).
CREATE TABLE issuing_body_term (
    id UUID NOT NULL,
    body_id UUID NOT NULL,
    term VARCHAR NOT NULL,
    from_on DATE NOT NULL,
    to_on DATE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_issuing_body_term PRIMARY KEY (id),
    CONSTRAINT uq_issuing_body_term_body_id_term UNIQUE (body_id, term),
    CONSTRAINT fk_issuing_body_term_body_id FOREIGN KEY(body_id) REFERENCES issuing_body (id)
);

-- A closed unit keeps its row and its name; nobody is put into it any more.
ALTER TABLE unit ADD COLUMN closed_at TIMESTAMP WITH TIME ZONE;

-- One account for each person and one for each agency (S1-3.4, S4-2.5); a guest's account belongs to a meeting
-- and ends with it (S2-6.4b); locked_at is when its own person shut it, lost or leaked as it was (S1-4.2b).
ALTER TABLE account
    ADD COLUMN kind VARCHAR,
    ADD COLUMN staff_code VARCHAR,
    ADD COLUMN meeting VARCHAR,
    ADD COLUMN guest_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN locked_at TIMESTAMP WITH TIME ZONE;
UPDATE account SET kind = 'person';
ALTER TABLE account
    ALTER COLUMN kind SET NOT NULL,
    ADD CONSTRAINT ck_account_guest_has_end CHECK ((kind = 'guest') = (guest_until IS NOT NULL));

CREATE UNIQUE INDEX uq_account_staff_code ON account (agency_id, staff_code);
CREATE UNIQUE INDEX uq_account_of_agency ON account (agency_id) WHERE kind = 'agency' AND disabled_at IS NULL;
CREATE INDEX ix_account_guest_until ON account (guest_until) WHERE kind = 'guest' AND disabled_at IS NULL;

-- A post: a title in a unit (none = in the agency) with the roles that it brings to whoever holds it.
CREATE TABLE post (
    id UUID NOT NULL,
    code VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    unit_id UUID,
    roles TEXT[] NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_post PRIMARY KEY (id),
    CONSTRAINT uq_post_agency_id_code UNIQUE (agency_id, code),
    CONSTRAINT fk_post_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE TABLE post_holding (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    post_id UUID NOT NULL,
    from_on DATE NOT NULL,
    to_on DATE,
    basis VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_post_holding PRIMARY KEY (id),
    CONSTRAINT fk_post_holding_account_id FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT fk_post_holding_post_id FOREIGN KEY(post_id) REFERENCES post (id)
);

CREATE INDEX ix_post_holding_account ON post_holding (account_id);
CREATE INDEX ix_post_holding_post ON post_holding (post_id);

-- Which holding of a post brings a role; null = granted by itself.
ALTER TABLE membership
    ADD COLUMN holding_id UUID,
    ADD CONSTRAINT fk_membership_holding_id FOREIGN KEY(holding_id) REFERENCES post_holding (id);
CREATE INDEX ix_membership_holding ON membership (holding_id);

-- However a guest logs in, the session does not outlive the meeting.
CREATE FUNCTION bound_guest_session() RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    v_until timestamptz := (SELECT a.guest_until FROM account a WHERE a.id = NEW.account_id);
BEGIN
    IF v_until < NEW.expires_at THEN
        NEW.expires_at := v_until;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER bound_guest_session BEFORE INSERT OR UPDATE OF expires_at ON login_session
    FOR EACH ROW EXECUTE FUNCTION bound_guest_session();

-- Guests whose meeting is over, for a worker that serves every agency.
CREATE FUNCTION due_guests(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.agency_id, g.code, a.id
    FROM account a JOIN agency g ON g.id = a.agency_id
    WHERE a.kind = 'guest' AND a.disabled_at IS NULL AND a.guest_until <= p_now
    ORDER BY a.guest_until LIMIT p_limit
$$;

-- Open tasks that arose for people who had left by then, and for nobody else; who locked their own account has not.
CREATE FUNCTION due_stray_tasks(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT DISTINCT t.agency_id, g.code, t.id
    FROM account a
    JOIN user_task t ON t.agency_id = a.agency_id AND t.is_open AND t.owners @> ARRAY['user:' || a.login]
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

-- The agencies under the caller's own one, by name and place in the tree, and nothing of what is in them.
CREATE FUNCTION agencies_below()
    RETURNS TABLE (depth integer, code text, name text, side text, parent_code text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH RECURSIVE below AS (
        SELECT a.id, a.code, a.name, a.side, NULL::varchar AS parent_code, 0 AS depth
        FROM agency a WHERE a.id = current_agency()
        UNION ALL
        SELECT a.id, a.code, a.name, a.side, below.code, below.depth + 1
        FROM agency a JOIN below ON a.parent_id = below.id
        WHERE below.depth < 20
    )
    SELECT depth, code, name, side, parent_code FROM below WHERE depth > 0
$$;

REVOKE EXECUTE ON FUNCTION
    due_guests(timestamptz, integer), due_stray_tasks(timestamptz, integer), agencies_below() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    due_guests(timestamptz, integer), due_stray_tasks(timestamptz, integer), agencies_below() TO congvan_app;
