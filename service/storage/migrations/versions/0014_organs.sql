-- Bodies with an exchange identifier of their own: one office is the contact point of several (S3-16).

ALTER TABLE issuing_body ADD COLUMN organ_id VARCHAR;

-- A unique index looks at the rows of every agency, whoever asks.
CREATE UNIQUE INDEX uq_issuing_body_organ_id ON issuing_body (organ_id)
    WHERE organ_id IS NOT NULL AND closed_at IS NULL;

-- Agencies and open bodies share one set of identifiers. What two agencies claimed before stays as it was, and
-- leads to neither of them.
CREATE FUNCTION claim_organ() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('organ:' || NEW.organ_id, 0));
    IF EXISTS (SELECT 1 FROM agency g WHERE g.organ_id = NEW.organ_id AND g.id <> NEW.id)
        OR EXISTS (SELECT 1 FROM issuing_body b
                   WHERE b.organ_id = NEW.organ_id AND b.closed_at IS NULL AND b.id <> NEW.id) THEN
        RAISE unique_violation USING MESSAGE = 'an exchange identifier is claimed twice',
            CONSTRAINT = 'uq_organ_id';
    END IF;
    RETURN NEW;
END
$$;

REVOKE EXECUTE ON FUNCTION claim_organ() FROM PUBLIC;

CREATE TRIGGER claim_organ_first BEFORE INSERT ON agency
    FOR EACH ROW WHEN (NEW.organ_id IS NOT NULL) EXECUTE FUNCTION claim_organ();
CREATE TRIGGER claim_organ_again BEFORE UPDATE OF organ_id ON agency
    FOR EACH ROW WHEN (NEW.organ_id IS NOT NULL AND NEW.organ_id IS DISTINCT FROM OLD.organ_id)
    EXECUTE FUNCTION claim_organ();
CREATE TRIGGER claim_organ_first BEFORE INSERT ON issuing_body
    FOR EACH ROW WHEN (NEW.organ_id IS NOT NULL AND NEW.closed_at IS NULL) EXECUTE FUNCTION claim_organ();
CREATE TRIGGER claim_organ_again BEFORE UPDATE OF organ_id ON issuing_body
    FOR EACH ROW WHEN (NEW.organ_id IS NOT NULL AND NEW.closed_at IS NULL
                       AND NEW.organ_id IS DISTINCT FROM OLD.organ_id)
    EXECUTE FUNCTION claim_organ();

-- The office of this installation that takes what is addressed to an identifier, its own or that of an open
-- body, and whose name that is; nothing if two claim it.
CREATE OR REPLACE FUNCTION find_agency_by_organ(p_organ_id text)
    RETURNS TABLE (agency_id uuid, agency_code text, name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH claim AS (
        SELECT g.id, g.code, g.name FROM agency g WHERE g.organ_id = p_organ_id
        UNION ALL
        SELECT g.id, g.code, b.name FROM issuing_body b JOIN agency g ON g.id = b.agency_id
        WHERE b.organ_id = p_organ_id AND b.closed_at IS NULL
    )
    SELECT c.id, c.code, c.name FROM claim c WHERE (SELECT count(*) FROM claim) = 1
$$;

-- An office of the directory that is reached through another one, its contact point.
ALTER TABLE partner
    ADD COLUMN contact_point_id UUID,
    ADD CONSTRAINT fk_partner_contact_point_id FOREIGN KEY (contact_point_id) REFERENCES partner (id),
    ADD CONSTRAINT ck_partner_not_its_own_contact_point CHECK (contact_point_id <> id);

-- Which of the office's identifiers a document was addressed to; until now there was one.
ALTER TABLE document
    ADD COLUMN addressed_organ_id VARCHAR(35),
    ADD COLUMN addressed_name VARCHAR(200);

UPDATE document d SET addressed_organ_id = left(g.organ_id, 35), addressed_name = left(g.name, 200)
FROM agency g
WHERE g.id = d.agency_id AND d.direction = 'incoming' AND d.channel = 'exchange' AND g.organ_id IS NOT NULL;

-- Which of the office's identifiers a package was for, or left from.
ALTER TABLE exchange_packet ADD COLUMN own_organ_id VARCHAR(35);

UPDATE exchange_packet p SET own_organ_id = left(g.organ_id, 35) FROM agency g WHERE g.id = p.agency_id;
