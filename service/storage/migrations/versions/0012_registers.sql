-- Registers as they were printed (NĐ 30/2020 Điều 16, 22, Phụ lục IV): frozen lines, files, addenda.

CREATE TABLE register_print (
    id UUID NOT NULL,
    series_id UUID NOT NULL,
    form VARCHAR NOT NULL,
    from_on DATE NOT NULL,
    to_on DATE NOT NULL,
    first_number INTEGER,
    last_number INTEGER,
    lines JSONB NOT NULL,
    pdf_sha256 BYTEA NOT NULL,
    xlsx_sha256 BYTEA NOT NULL,
    page_count INTEGER NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    made_by_id UUID,
    printed_on DATE,
    signed_by VARCHAR,
    volume VARCHAR,
    marked_at TIMESTAMP WITH TIME ZONE,
    marked_by_id UUID,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_register_print PRIMARY KEY (id),
    CONSTRAINT uq_register_print_series_id_form_from_on_to_on UNIQUE (series_id, form, from_on, to_on),
    CONSTRAINT fk_register_print_series_id FOREIGN KEY (series_id) REFERENCES number_series (id),
    CONSTRAINT fk_register_print_made_by_id FOREIGN KEY (made_by_id) REFERENCES account (id),
    CONSTRAINT fk_register_print_marked_by_id FOREIGN KEY (marked_by_id) REFERENCES account (id)
);

CREATE INDEX ix_register_print_series ON register_print (series_id, to_on);

CREATE TABLE register_addendum (
    id UUID NOT NULL,
    entry_id UUID NOT NULL,
    columns JSONB NOT NULL,
    reason VARCHAR NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    by_id UUID,
    agency_id UUID NOT NULL,
    CONSTRAINT pk_register_addendum PRIMARY KEY (id),
    CONSTRAINT fk_register_addendum_entry_id FOREIGN KEY (entry_id) REFERENCES registry_entry (id),
    CONSTRAINT fk_register_addendum_by_id FOREIGN KEY (by_id) REFERENCES account (id)
);

CREATE INDEX ix_register_addendum_entry ON register_addendum (entry_id);
