-- The audit chain: a sealing job links closed ranges of transactions; nobody else writes a link.

-- The bytes that stand for an event: its columns as netstrings ("5:value"), "~" for null, hashed.
-- service/storage/audit_chain.py computes the same from the raw columns, without this function.
CREATE FUNCTION audit_event_digest(p_event audit_event) RETURNS bytea
    LANGUAGE sql STABLE
    RETURN sha256(convert_to((
        SELECT string_agg(coalesce(char_length(value)::text || ':' || value, '~'), '' ORDER BY place)
        FROM unnest(ARRAY[
            (p_event).id::text,
            (p_event).agency_id::text,
            ((extract(epoch FROM (p_event).at) * 1000000)::bigint)::text,
            (p_event).actor_id::text,
            (p_event).on_behalf_of_id::text,
            (p_event).action::text,
            (p_event).object_kind::text,
            (p_event).object_id::text,
            encode((p_event).before_sha256, 'hex'),
            encode((p_event).after_sha256, 'hex'),
            (p_event).request_id::text,
            (p_event).details::text,
            (p_event).xact::text
        ]) WITH ORDINALITY AS item (value, place)), 'UTF8'));

-- Seal the events whose transaction is over and below which no transaction can still write, about p_most of
-- them at a time (never a part of a transaction). Returns how many events were sealed. Raises when the log must
-- first start a new epoch.
CREATE FUNCTION seal_audit(p_now timestamptz, p_most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_epoch audit_epoch;
    v_last audit_seal;
    v_to bigint;
    v_cut bigint;
    v_count bigint;
    v_digests bytea;
    v_head text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('congvan.seal_audit'));
    SELECT * INTO STRICT v_epoch FROM audit_epoch ORDER BY number DESC LIMIT 1;
    IF v_epoch.system_identifier <> (SELECT system_identifier FROM pg_control_system()) THEN
        RAISE EXCEPTION 'the audit log belongs to another cluster; run "congvan database migrate"';
    END IF;
    SELECT * INTO v_last FROM audit_seal ORDER BY number DESC LIMIT 1;
    IF NOT FOUND THEN
        v_last.number := 0;
        v_last.to_xact := 0;
        v_last.hash := decode(repeat('00', 32), 'hex');
    END IF;

    -- Below the snapshot's xmin every transaction has ended, so the range can gain no row any more.
    v_to := v_epoch.xact_offset + pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    SELECT e.xact INTO v_cut FROM audit_event e
    WHERE e.xact >= v_last.to_xact AND e.xact < v_to ORDER BY e.xact OFFSET p_most LIMIT 1;
    IF v_cut = (SELECT min(e.xact) FROM audit_event e WHERE e.xact >= v_last.to_xact) THEN
        -- One transaction alone holds more: it is sealed whole.
        SELECT min(e.xact) INTO v_cut FROM audit_event e WHERE e.xact > v_cut AND e.xact < v_to;
    END IF;
    v_to := coalesce(v_cut, v_to);
    SELECT count(*), string_agg(audit_event_digest(e), ''::bytea ORDER BY e.id) INTO v_count, v_digests
    FROM audit_event e WHERE e.xact >= v_last.to_xact AND e.xact < v_to;
    IF v_count = 0 THEN
        RETURN 0;
    END IF;
    v_head := format('%s|%s|%s|%s|%s|', v_last.number + 1, v_last.to_xact, v_to, v_count,
                     (extract(epoch FROM p_now) * 1000000)::bigint);
    INSERT INTO audit_seal (number, from_xact, to_xact, event_count, sealed_at, previous_hash, hash)
    VALUES (v_last.number + 1, v_last.to_xact, v_to, v_count, p_now, v_last.hash,
            sha256(convert_to(v_head, 'UTF8') || v_last.hash || v_digests));
    RETURN v_count;
END
$$;

-- Run by the owner at every start: a cluster that the log does not know begins a new epoch, whose
-- transactions lie behind everything written so far although their ids start again.
CREATE FUNCTION start_audit_epoch(p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    v_here bigint := (SELECT system_identifier FROM pg_control_system());
    v_last audit_epoch;
    v_position bigint;
    v_xact bigint := pg_current_xact_id()::text::bigint;
    v_offset bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('congvan.seal_audit'));
    SELECT * INTO v_last FROM audit_epoch ORDER BY number DESC LIMIT 1;
    v_position := greatest(
        (SELECT coalesce(max(xact), 0) FROM audit_event), (SELECT coalesce(max(to_xact), 0) FROM audit_seal));
    IF v_last.system_identifier = v_here AND v_position <= v_last.xact_offset + v_xact THEN
        RETURN false;
    END IF;
    v_offset := greatest(coalesce(v_last.xact_offset, 0), v_position - v_xact + 1);
    INSERT INTO audit_epoch (number, system_identifier, xact_offset, started_at)
    VALUES (coalesce(v_last.number, 0) + 1, v_here, v_offset, p_now);
    EXECUTE format('ALTER TABLE audit_event ALTER COLUMN xact'
                   ' SET DEFAULT (%s + pg_current_xact_id()::text::bigint)', v_offset);
    RETURN true;
END
$$;

REVOKE EXECUTE ON FUNCTION seal_audit(timestamptz, integer), start_audit_epoch(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seal_audit(timestamptz, integer) TO congvan_app;
