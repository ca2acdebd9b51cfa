-- Every table and index of the first release.

CREATE TABLE account (
    id UUID NOT NULL,
    login VARCHAR NOT NULL,
    full_name VARCHAR NOT NULL,
    position VARCHAR NOT NULL,
    password_hash VARCHAR,
    must_change_password BOOLEAN NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_account_login ON account (lower(login));

CREATE TABLE agency (
    id UUID NOT NULL,
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    side VARCHAR NOT NULL,
    organ_id VARCHAR,
    parent_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_agency PRIMARY KEY (id),
    CONSTRAINT uq_agency_code UNIQUE (code),
    CONSTRAINT fk_agency_parent_id FOREIGN KEY(parent_id) REFERENCES agency (id)
);

CREATE TABLE audit_epoch (
    number BIGINT NOT NULL,
    system_identifier BIGINT NOT NULL,
    xact_offset BIGINT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_epoch PRIMARY KEY (number)
);

CREATE TABLE audit_event (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id UUID,
    on_behalf_of_id UUID,
    action VARCHAR NOT NULL,
    object_kind VARCHAR NOT NULL,
    object_id UUID,
    before_sha256 BYTEA,
    after_sha256 BYTEA,
    request_id VARCHAR,
    details JSONB,
    xact BIGINT DEFAULT (pg_current_xact_id()::text::bigint) NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_audit_event PRIMARY KEY (id)
);

CREATE INDEX ix_audit_event_object ON audit_event (agency_id, object_id);

CREATE INDEX ix_audit_event_xact ON audit_event (xact);

CREATE TABLE audit_seal (
    number BIGINT NOT NULL,
    from_xact BIGINT NOT NULL,
    to_xact BIGINT NOT NULL,
    event_count BIGINT NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_seal PRIMARY KEY (number)
);

CREATE TABLE blob (
    agency_id UUID NOT NULL,
    sha256 BYTEA NOT NULL,
    size_bytes BIGINT NOT NULL,
    media_type VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_blob PRIMARY KEY (agency_id, sha256)
);

CREATE TABLE calendar_day (
    agency_id UUID NOT NULL,
    "on" DATE NOT NULL,
    is_working BOOLEAN NOT NULL,
    label VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    CONSTRAINT pk_calendar_day PRIMARY KEY (agency_id, "on")
);

CREATE TABLE history (
    instance_id UUID NOT NULL,
    rev INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id UUID,
    on_behalf_of_id UUID,
    action VARCHAR NOT NULL,
    steps JSONB NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_history PRIMARY KEY (instance_id, rev)
);

CREATE TABLE idempotency_key (
    account_id UUID NOT NULL,
    key VARCHAR NOT NULL,
    request_hash BYTEA NOT NULL,
    status INTEGER,
    answer BYTEA,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_idempotency_key PRIMARY KEY (account_id, key)
);

CREATE TABLE login_failure (
    id UUID NOT NULL,
    login_hash BYTEA NOT NULL,
    address VARCHAR NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_login_failure PRIMARY KEY (id)
);

CREATE INDEX ix_login_failure_login_hash ON login_failure (login_hash);

CREATE TABLE number_series (
    id UUID NOT NULL,
    issuing_body VARCHAR NOT NULL,
    book VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    last_number INTEGER NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_number_series PRIMARY KEY (id),
    CONSTRAINT uq_number_series_agency_id_issuing_body_book_period UNIQUE (agency_id, issuing_body, book, period)
);

CREATE TABLE outbox (
    id UUID NOT NULL,
    channel VARCHAR NOT NULL,
    destination VARCHAR NOT NULL,
    payload JSONB NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_error VARCHAR,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT uq_outbox_agency_id_dedupe_key UNIQUE (agency_id, dedupe_key)
);

CREATE INDEX ix_outbox_due ON outbox (due_at) WHERE state = 'pending';

CREATE TABLE partner (
    id UUID NOT NULL,
    organ_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    endpoint VARCHAR,
    email VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_partner PRIMARY KEY (id),
    CONSTRAINT uq_partner_agency_id_organ_id UNIQUE (agency_id, organ_id)
);

CREATE TABLE unit (
    id UUID NOT NULL,
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    parent_id UUID,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_unit PRIMARY KEY (id),
    CONSTRAINT uq_unit_agency_id_code UNIQUE (agency_id, code),
    CONSTRAINT fk_unit_parent_id FOREIGN KEY(parent_id) REFERENCES unit (id)
);

CREATE TABLE assistance (
    id UUID NOT NULL,
    aide_id UUID NOT NULL,
    leader_id UUID NOT NULL,
    from_on DATE,
    to_on DATE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_assistance PRIMARY KEY (id),
    CONSTRAINT uq_assistance_aide_id_leader_id UNIQUE (aide_id, leader_id),
    CONSTRAINT fk_assistance_aide_id FOREIGN KEY(aide_id) REFERENCES account (id),
    CONSTRAINT fk_assistance_leader_id FOREIGN KEY(leader_id) REFERENCES account (id)
);

CREATE TABLE document (
    id UUID NOT NULL,
    direction VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    type_name VARCHAR(100) NOT NULL,
    code_number VARCHAR(11) NOT NULL,
    code_notation VARCHAR(30) NOT NULL,
    issued_on DATE,
    organ_id VARCHAR(35),
    organ_name VARCHAR(200) NOT NULL,
    subject VARCHAR(500) NOT NULL,
    language VARCHAR(30) NOT NULL,
    page_amount INTEGER,
    description VARCHAR(500) NOT NULL,
    signer_position VARCHAR(100) NOT NULL,
    signer_name VARCHAR(50) NOT NULL,
    urgency VARCHAR NOT NULL,
    secrecy VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    to_places VARCHAR(1000) NOT NULL,
    exchange_id VARCHAR(200),
    received_at TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE,
    arrival_number INTEGER,
    arrival_on DATE,
    legal_value VARCHAR,
    is_public BOOLEAN NOT NULL,
    attested_by_id UUID,
    attested_at TIMESTAMP WITH TIME ZONE,
    trace JSONB NOT NULL,
    instance_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by_id UUID,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_document PRIMARY KEY (id),
    CONSTRAINT fk_document_attested_by_id FOREIGN KEY(attested_by_id) REFERENCES account (id),
    CONSTRAINT fk_document_created_by_id FOREIGN KEY(created_by_id) REFERENCES account (id)
);

CREATE INDEX ix_document_code ON document (agency_id, code_number, code_notation);

CREATE INDEX ix_document_identifier ON document (agency_id, exchange_id);

CREATE INDEX ix_document_list ON document (agency_id, direction, created_at);

CREATE TABLE dossier (
    id UUID NOT NULL,
    year INTEGER NOT NULL,
    notation VARCHAR(20) NOT NULL,
    title VARCHAR(500) NOT NULL,
    retention VARCHAR(30) NOT NULL,
    unit_id UUID,
    creator_id UUID,
    opened_on DATE NOT NULL,
    closed_on DATE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_dossier PRIMARY KEY (id),
    CONSTRAINT uq_dossier_agency_id_year_notation UNIQUE (agency_id, year, notation),
    CONSTRAINT fk_dossier_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
    CONSTRAINT fk_dossier_creator_id FOREIGN KEY(creator_id) REFERENCES account (id)
);

CREATE TABLE login_session (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    carrier VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    device VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_login_session PRIMARY KEY (id),
    CONSTRAINT fk_login_session_account_id FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT uq_login_session_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_login_session_account ON login_session (account_id);

CREATE TABLE membership (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    unit_id UUID,
    role VARCHAR NOT NULL,
    from_on DATE,
    to_on DATE,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_membership PRIMARY KEY (id),
    CONSTRAINT fk_membership_account_id FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT fk_membership_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_membership_account ON membership (account_id);

CREATE TABLE process_definition (
    id UUID NOT NULL,
    key VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    content_hash BYTEA NOT NULL,
    active BOOLEAN NOT NULL,
    info JSONB NOT NULL,
    bundle BYTEA,
    spec BYTEA,
    deployed_by_id UUID,
    deployed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_process_definition PRIMARY KEY (id),
    CONSTRAINT uq_process_definition_agency_id_key_version UNIQUE (agency_id, key, version),
    CONSTRAINT uq_process_definition_agency_id_key_content_hash UNIQUE (agency_id, key, content_hash),
    CONSTRAINT fk_process_definition_deployed_by_id FOREIGN KEY(deployed_by_id) REFERENCES account (id)
);

CREATE UNIQUE INDEX uq_process_definition_active ON process_definition (agency_id, key) WHERE active;

CREATE TABLE document_file (
    id UUID NOT NULL,
    document_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    version INTEGER NOT NULL,
    role VARCHAR NOT NULL,
    file_name VARCHAR(200) NOT NULL,
    sha256 BYTEA NOT NULL,
    size_bytes BIGINT NOT NULL,
    media_type VARCHAR NOT NULL,
    signature_report JSONB,
    added_by_id UUID,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason VARCHAR(500) NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_document_file PRIMARY KEY (id),
    CONSTRAINT uq_document_file_document_id_ordinal_version UNIQUE (document_id, ordinal, version),
    CONSTRAINT fk_document_file_document_id FOREIGN KEY(document_id) REFERENCES document (id),
    CONSTRAINT fk_document_file_added_by_id FOREIGN KEY(added_by_id) REFERENCES account (id)
);

CREATE TABLE dossier_item (
    dossier_id UUID NOT NULL,
    document_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    added_by_id UUID,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_dossier_item PRIMARY KEY (dossier_id, document_id),
    CONSTRAINT fk_dossier_item_dossier_id FOREIGN KEY(dossier_id) REFERENCES dossier (id),
    CONSTRAINT fk_dossier_item_document_id FOREIGN KEY(document_id) REFERENCES document (id),
    CONSTRAINT fk_dossier_item_added_by_id FOREIGN KEY(added_by_id) REFERENCES account (id)
);

CREATE TABLE process_instance (
    id UUID NOT NULL,
    definition_id UUID NOT NULL,
    key VARCHAR NOT NULL,
    business_key VARCHAR,
    state VARCHAR NOT NULL,
    rev INTEGER NOT NULL,
    initiator_id UUID,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    end_reason VARCHAR,
    execution BYTEA,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_process_instance PRIMARY KEY (id),
    CONSTRAINT fk_process_instance_definition_id FOREIGN KEY(definition_id) REFERENCES process_definition (id),
    CONSTRAINT fk_process_instance_initiator_id FOREIGN KEY(initiator_id) REFERENCES account (id)
);

CREATE INDEX ix_process_instance_business_key ON process_instance (agency_id, business_key);

CREATE INDEX ix_process_instance_list ON process_instance (agency_id, key, state, started_at);

CREATE TABLE registry_entry (
    id UUID NOT NULL,
    series_id UUID NOT NULL,
    number INTEGER NOT NULL,
    document_id UUID NOT NULL,
    registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    registered_by_id UUID,
    columns JSONB NOT NULL,
    voided_at TIMESTAMP WITH TIME ZONE,
    void_reason VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_registry_entry PRIMARY KEY (id),
    CONSTRAINT uq_registry_entry_series_id_number UNIQUE (series_id, number),
    CONSTRAINT fk_registry_entry_series_id FOREIGN KEY(series_id) REFERENCES number_series (id),
    CONSTRAINT fk_registry_entry_document_id FOREIGN KEY(document_id) REFERENCES document (id),
    CONSTRAINT fk_registry_entry_registered_by_id FOREIGN KEY(registered_by_id) REFERENCES account (id)
);

CREATE INDEX ix_registry_entry_document ON registry_entry (document_id);

CREATE TABLE timer_start (
    id UUID NOT NULL,
    definition_id UUID NOT NULL,
    element_id VARCHAR NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    remaining INTEGER,
    timer JSONB NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_timer_start PRIMARY KEY (id),
    CONSTRAINT uq_timer_start_definition_id_element_id UNIQUE (definition_id, element_id),
    CONSTRAINT fk_timer_start_definition_id FOREIGN KEY(definition_id) REFERENCES process_definition (id)
);

CREATE INDEX ix_timer_start_due ON timer_start (due_at);

CREATE TABLE job (
    id UUID NOT NULL,
    instance_id UUID NOT NULL,
    token_id UUID NOT NULL,
    element_id VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    params JSONB NOT NULL,
    state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_error VARCHAR,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_job PRIMARY KEY (id),
    CONSTRAINT fk_job_instance_id FOREIGN KEY(instance_id) REFERENCES process_instance (id)
);

CREATE INDEX ix_job_due ON job (due_at) WHERE state = 'pending';

CREATE INDEX ix_job_instance ON job (instance_id);

CREATE TABLE subscription (
    id UUID NOT NULL,
    instance_id UUID NOT NULL,
    token_id UUID NOT NULL,
    element_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    correlation_key VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_subscription PRIMARY KEY (id),
    CONSTRAINT uq_subscription_instance_id_token_id_kind_name UNIQUE (instance_id, token_id, kind, name),
    CONSTRAINT fk_subscription_instance_id FOREIGN KEY(instance_id) REFERENCES process_instance (id)
);

CREATE INDEX ix_subscription_name ON subscription (agency_id, kind, name, correlation_key);

CREATE TABLE timer (
    id UUID NOT NULL,
    instance_id UUID NOT NULL,
    token_id UUID NOT NULL,
    element_id VARCHAR NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    held BOOLEAN NOT NULL,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_timer PRIMARY KEY (id),
    CONSTRAINT uq_timer_instance_id_token_id UNIQUE (instance_id, token_id),
    CONSTRAINT fk_timer_instance_id FOREIGN KEY(instance_id) REFERENCES process_instance (id)
);

CREATE INDEX ix_timer_due ON timer (due_at) WHERE not held;

CREATE TABLE user_task (
    id UUID NOT NULL,
    instance_id UUID NOT NULL,
    process_key VARCHAR NOT NULL,
    element_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    form_key VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    is_open BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    urgency VARCHAR NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    deadline JSONB,
    owners TEXT[] NOT NULL,
    excluded TEXT[] NOT NULL,
    owner_id UUID,
    delegator_id UUID,
    draft JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    completed_by_id UUID,
    on_behalf_of_id UUID,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_user_task PRIMARY KEY (id),
    CONSTRAINT fk_user_task_instance_id FOREIGN KEY(instance_id) REFERENCES process_instance (id),
    CONSTRAINT fk_user_task_owner_id FOREIGN KEY(owner_id) REFERENCES account (id),
    CONSTRAINT fk_user_task_delegator_id FOREIGN KEY(delegator_id) REFERENCES account (id),
    CONSTRAINT fk_user_task_completed_by_id FOREIGN KEY(completed_by_id) REFERENCES account (id),
    CONSTRAINT fk_user_task_on_behalf_of_id FOREIGN KEY(on_behalf_of_id) REFERENCES account (id)
);

CREATE INDEX ix_user_task_due ON user_task (agency_id, due_at, id) WHERE is_open;

CREATE INDEX ix_user_task_instance ON user_task (instance_id);

CREATE INDEX ix_user_task_owner ON user_task (agency_id, owner_id) WHERE is_open;

CREATE INDEX ix_user_task_owners ON user_task USING gin (owners) WHERE is_open;

CREATE TABLE incident (
    id UUID NOT NULL,
    instance_id UUID NOT NULL,
    token_id UUID NOT NULL,
    job_id UUID,
    element_id VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    vi VARCHAR NOT NULL,
    en VARCHAR NOT NULL,
    details JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    resolved_at TIMESTAMP WITH TIME ZONE,
    resolved_by_id UUID,
    resolution VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_incident PRIMARY KEY (id),
    CONSTRAINT fk_incident_instance_id FOREIGN KEY(instance_id) REFERENCES process_instance (id),
    CONSTRAINT fk_incident_job_id FOREIGN KEY(job_id) REFERENCES job (id),
    CONSTRAINT fk_incident_resolved_by_id FOREIGN KEY(resolved_by_id) REFERENCES account (id)
);

CREATE INDEX ix_incident_open ON incident (agency_id, created_at) WHERE resolved_at is null;

CREATE TABLE task_note (
    id UUID NOT NULL,
    instance_id UUID NOT NULL,
    task_id UUID,
    author_id UUID NOT NULL,
    on_behalf_of_id UUID,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    body VARCHAR NOT NULL,
    blob_sha256 BYTEA,
    file_name VARCHAR,
    media_type VARCHAR,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_task_note PRIMARY KEY (id),
    CONSTRAINT fk_task_note_instance_id FOREIGN KEY(instance_id) REFERENCES process_instance (id),
    CONSTRAINT fk_task_note_task_id FOREIGN KEY(task_id) REFERENCES user_task (id),
    CONSTRAINT fk_task_note_author_id FOREIGN KEY(author_id) REFERENCES account (id),
    CONSTRAINT fk_task_note_on_behalf_of_id FOREIGN KEY(on_behalf_of_id) REFERENCES account (id)
);

CREATE INDEX ix_task_note_instance ON task_note (instance_id, at);
