-- Deliveries by receiver, how partner offices are reached, the exchange axis, and what passed its door.

CREATE TABLE exchange_link (
    partner_id UUID NOT NULL,
    channel VARCHAR NOT NULL,
    folder VARCHAR,
    accepts_unsigned BOOLEAN NOT NULL,
    may_refuse_recall BOOLEAN NOT NULL,
    pinned_certificate VARCHAR,
    inbound_token_hash BYTEA,
    outbound_token VARCHAR,
    locked_at TIMESTAMP WITH TIME ZONE,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_exchange_link PRIMARY KEY (partner_id),
    CONSTRAINT uq_exchange_link_inbound_token_hash UNIQUE (inbound_token_hash),
    CONSTRAINT fk_exchange_link_partner_id FOREIGN KEY (partner_id) REFERENCES partner (id)
);

CREATE TABLE exchange_axis (
    endpoint VARCHAR NOT NULL,
    system_id VARCHAR NOT NULL,
    token VARCHAR NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    poll_due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    polled_at TIMESTAMP WITH TIME ZONE,
    last_error VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_exchange_axis PRIMARY KEY (agency_id)
);

CREATE TABLE delivery (
    id UUID NOT NULL,
    document_id UUID NOT NULL,
    recipient_id UUID,
    receiver_kind VARCHAR NOT NULL,
    receiver_key VARCHAR NOT NULL,
    receiver_name VARCHAR(200) NOT NULL,
    organ_id VARCHAR(35),
    purpose VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    business_type INTEGER NOT NULL,
    replaces VARCHAR(200),
    exchange_id VARCHAR(200) NOT NULL,
    urgency VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    error VARCHAR,
    last_status VARCHAR,
    last_status_at TIMESTAMP WITH TIME ZONE,
    last_note VARCHAR(500) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by_id UUID,
    sent_at TIMESTAMP WITH TIME ZONE,
    arrived_at TIMESTAMP WITH TIME ZONE,
    received_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    silent_from TIMESTAMP WITH TIME ZONE,
    alerted_at TIMESTAMP WITH TIME ZONE,
    recall_state VARCHAR,
    recall_reason VARCHAR(500),
    recall_asked_at TIMESTAMP WITH TIME ZONE,
    recall_answered_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_delivery PRIMARY KEY (id),
    CONSTRAINT uq_delivery_document_id_receiver_key_channel UNIQUE (document_id, receiver_key, channel),
    CONSTRAINT fk_delivery_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_delivery_created_by_id FOREIGN KEY (created_by_id) REFERENCES account (id)
);

CREATE INDEX ix_delivery_exchange ON delivery (agency_id, exchange_id);
CREATE INDEX ix_delivery_silent ON delivery (silent_from) WHERE alerted_at IS NULL AND silent_from IS NOT NULL;

CREATE TABLE exchange_packet (
    id UUID NOT NULL,
    direction VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    via VARCHAR NOT NULL,
    organ_id VARCHAR(35) NOT NULL,
    organ_name VARCHAR(500) NOT NULL,
    exchange_id VARCHAR(200) NOT NULL,
    document_code VARCHAR(60) NOT NULL,
    business_type INTEGER,
    status_code VARCHAR,
    description VARCHAR(500) NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    sha256 BYTEA,
    size_bytes BIGINT,
    signature JSONB,
    outcome VARCHAR NOT NULL,
    document_id UUID,
    delivery_id UUID,
    stated_at TIMESTAMP WITH TIME ZONE,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_exchange_packet PRIMARY KEY (id),
    CONSTRAINT uq_exchange_packet_agency_id_direction_organ_id_dedupe_key
        UNIQUE (agency_id, direction, organ_id, dedupe_key),
    CONSTRAINT fk_exchange_packet_document_id FOREIGN KEY (document_id) REFERENCES document (id),
    CONSTRAINT fk_exchange_packet_delivery_id FOREIGN KEY (delivery_id) REFERENCES delivery (id)
);

CREATE INDEX ix_exchange_packet_list ON exchange_packet (agency_id, direction, id);
CREATE INDEX ix_exchange_packet_delivery ON exchange_packet (delivery_id);

-- From a partner's token to whom it stands for: sets the agency of this transaction.
CREATE FUNCTION authenticate_peer(p_token_hash bytea) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_answer jsonb;
BEGIN
    SELECT jsonb_build_object('agency_id', g.id, 'agency_code', g.code, 'organ_id', p.organ_id, 'name', p.name)
    INTO v_answer
    FROM exchange_link l JOIN partner p ON p.id = l.partner_id JOIN agency g ON g.id = l.agency_id
    WHERE l.inbound_token_hash = p_token_hash AND l.locked_at IS NULL;
    IF v_answer IS NOT NULL THEN
        PERFORM set_config('app.agency_id', v_answer ->> 'agency_id', true);
    END IF;
    RETURN v_answer;
END
$$;

-- The office of this installation that has an identifier; nothing if two claim it.
CREATE FUNCTION find_agency_by_organ(p_organ_id text) RETURNS TABLE (agency_id uuid, agency_code text, name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT g.id, g.code, g.name FROM agency g
    WHERE g.organ_id = p_organ_id
      AND NOT EXISTS (SELECT 1 FROM agency o WHERE o.organ_id = p_organ_id AND o.id <> g.id)
$$;

-- Deliveries and recalls that should have been answered by now.
CREATE FUNCTION due_silences(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT d.agency_id, g.code, d.id
    FROM delivery d JOIN agency g ON g.id = d.agency_id
    WHERE d.alerted_at IS NULL AND d.silent_from <= p_now ORDER BY d.silent_from, d.id LIMIT p_limit
$$;

-- Agencies whose box on the exchange axis is to be emptied.
CREATE FUNCTION due_axis_polls(p_now timestamptz, p_limit integer)
    RETURNS TABLE (agency_id uuid, agency_code text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT x.agency_id, g.code, x.agency_id
    FROM exchange_axis x JOIN agency g ON g.id = x.agency_id
    WHERE x.is_enabled AND x.poll_due_at <= p_now ORDER BY x.poll_due_at LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION
    authenticate_peer(bytea), find_agency_by_organ(text),
    due_silences(timestamptz, integer), due_axis_polls(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    authenticate_peer(bytea), find_agency_by_organ(text),
    due_silences(timestamptz, integer), due_axis_polls(timestamptz, integer) TO congvan_app;
