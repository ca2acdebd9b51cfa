-- The runtime role: owns nothing, is no superuser, sees one agency at a time.

DO $$
BEGIN
    -- Roles belong to the whole cluster: another database may have made it already, or make it just now.
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'congvan_app') THEN
        CREATE ROLE congvan_app NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

-- The owner's login serves too, by taking the runtime role; since PostgreSQL 16 that is a right of its own.
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 160000 THEN
        IF NOT pg_has_role(current_user, 'congvan_app', 'SET') THEN
            EXECUTE format('GRANT congvan_app TO %I WITH SET TRUE', current_user);
        END IF;
    ELSIF NOT pg_has_role(current_user, 'congvan_app', 'MEMBER') THEN
        EXECUTE format('GRANT congvan_app TO %I', current_user);
    END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO congvan_app;

-- After a transaction that set it, PostgreSQL leaves the setting as '' and not as null.
CREATE FUNCTION current_agency() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.agency_id', true), '')::uuid;

ALTER TABLE agency ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agency USING (id = current_agency()) WITH CHECK (id = current_agency());
GRANT SELECT, UPDATE (name, organ_id) ON agency TO congvan_app;

-- Not tenant tables: failed logins come before any agency is known; the chain spans all agencies.
GRANT SELECT, DELETE ON login_failure TO congvan_app;
GRANT SELECT ON audit_seal, audit_epoch TO congvan_app;
GRANT SELECT ON alembic_version TO congvan_app;
