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
