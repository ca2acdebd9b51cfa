-- An agency of 2,000 people in 100 units and their work, for scripts/bench/task_list.py; ":open" and ":closed" are how
-- many user tasks of each there are.

CREATE TEMPORARY TABLE known AS
SELECT (SELECT id FROM agency) AS agency_id,
       (SELECT id FROM account WHERE login = 'vanthu') AS clerk_id,
       (SELECT id FROM account WHERE login = 'chanhvp') AS leader_id,
       (SELECT id FROM account WHERE login = 'troly') AS aide_id,
       now() - interval '1 day' AS newest_at;

CREATE TEMPORARY TABLE shelf AS
SELECT u, gen_random_uuid() AS unit_id, 'p' || u AS code FROM generate_series(0, 99) AS u;

INSERT INTO unit (id, code, name, agency_id) SELECT unit_id, code, 'Phòng ' || u, agency_id FROM shelf, known;

CREATE TEMPORARY TABLE person AS
SELECT n, gen_random_uuid() AS account_id, unit_id, code,
       CASE n / 100 WHEN 0 THEN 'tp.' || code WHEN 1 THEN 'vt.' || code ELSE 'cv' || n END AS login,
       CASE n / 100 WHEN 0 THEN 'unit_head' WHEN 1 THEN 'unit_clerk' ELSE 'specialist' END AS role
FROM generate_series(0, 1999) AS n JOIN shelf ON u = n % 100;
CREATE UNIQUE INDEX ON person (n);
ANALYZE person;

INSERT INTO account (id, login, full_name, position, must_change_password, created_at, kind, agency_id)
SELECT account_id, login, 'Nguyễn Văn ' || n, role, false, newest_at, 'person', agency_id FROM person, known;

INSERT INTO membership (id, account_id, unit_id, role, agency_id)
SELECT gen_random_uuid(), account_id, unit_id, role, agency_id FROM person, known;

CREATE TEMPORARY TABLE process AS
SELECT p, gen_random_uuid() AS definition_id,
       (ARRAY['incoming_document', 'outgoing_document', 'submission_slip'])[p + 1] AS key
FROM generate_series(0, 2) AS p;

INSERT INTO process_definition (id, key, version, content_hash, active, info, deployed_at, agency_id)
SELECT definition_id, key, 1, '\x00', true, '{}', newest_at, agency_id FROM process, known;

-- Every open task has a process of its own, five closed ones share one.
CREATE TEMPORARY TABLE made AS
SELECT n, gen_random_uuid() AS instance_id, gen_random_uuid() AS document_id, n <= :open AS is_open,
       newest_at - n * interval '97 seconds' AS at, process.*
FROM generate_series(1, :open + :closed / 5) AS n JOIN process ON p = n % 3, known;
ANALYZE made;

INSERT INTO process_instance
    (id, definition_id, key, business_key, state, rev, initiator_id, started_at, ended_at, agency_id)
SELECT instance_id, definition_id, key, made.n::text, CASE WHEN is_open THEN 'active' ELSE 'completed' END, 9,
       CASE WHEN p = 0 THEN clerk_id ELSE account_id END, at, CASE WHEN is_open THEN NULL ELSE at + interval '2 days' END,
       agency_id
FROM made JOIN person ON person.n = made.n * 7 % 2000, known;

INSERT INTO document
    (id, direction, status, channel, type_name, code_number, code_notation, organ_name, subject, language,
     description, signer_position, signer_name, to_places, urgency, secrecy, category, arrival_number, is_public, trace, instance_id, version, created_at, agency_id)
SELECT document_id, CASE p WHEN 0 THEN 'incoming' ELSE 'outgoing' END,
       CASE WHEN is_open THEN 'in_progress' ELSE 'completed' END, 'upload', 'Công văn', n::text, 'CV/TU', 'Ban Tổ chức',
       'Về việc báo cáo kết quả đợt ' || n, 'vi', '', '', '', '', 'normal', CASE WHEN n % 50 = 0 THEN 'confidential' ELSE 'none' END, 'general',
       n, n % 200 = 0, '[]', instance_id, 9, at, agency_id
FROM made, known WHERE p < 2;

-- A tenth waits for any clerk, as much for the leaders; heads and clerks of units share a quarter; the rest is for one
-- specialist each, who has claimed every fourth of it.
INSERT INTO user_task
    (id, instance_id, process_key, element_id, name, subject, form_key, state, is_open, version, urgency, due_at, owners,
     excluded, owner_id, authority, assigner, created_at, agency_id)
SELECT gen_random_uuid(), instance_id, key, 'work', 'Xử lý văn bản', 'Về việc số ' || made.n, 'work',
       CASE WHEN has THEN 'reserved' ELSE 'ready' END, true, 1,
       CASE WHEN made.n % 20 = 0 THEN 'urgent' ELSE 'normal' END,
       CASE WHEN made.n % 25 > 0 THEN newest_at + (made.n * 7919 % 40 - 8) * interval '1 day' + made.n * interval '1 second' END,
       owners, CASE WHEN made.n % 9 = 0 THEN ARRAY['user:cv' || (200 + made.n % 1800)] ELSE '{}' END,
       CASE WHEN has THEN account_id END, 'assign',
       CASE WHEN kind > 4 THEN 'user:tp.' || code ELSE 'user:chanhvp' END, at, agency_id
FROM made
JOIN person ON person.n = 200 + made.n * 13 % 1800
CROSS JOIN known
CROSS JOIN LATERAL (SELECT made.n % 20 AS kind, made.n % 20 > 8 AND made.n % 4 = 0 AS has) AS drawn
CROSS JOIN LATERAL (SELECT CASE
    WHEN kind < 2 THEN ARRAY['role:clerk']
    WHEN kind < 4 THEN CASE WHEN kind = 2 THEN ARRAY['user:chanhvp'] ELSE ARRAY['role:leader'] END
    WHEN kind < 7 THEN ARRAY['role:unit_head@unit:' || code]
    WHEN kind < 9 THEN ARRAY['role:unit_clerk@unit:' || code, 'user:tp.' || code]
    ELSE ARRAY['user:' || login] END AS owners) AS named
WHERE is_open;

INSERT INTO user_task
    (id, instance_id, process_key, element_id, name, subject, form_key, state, is_open, version, urgency, due_at, owners,
     excluded, owner_id, authority, assigner, created_at, completed_at, completed_by_id, on_behalf_of_id, agency_id)
SELECT gen_random_uuid(), instance_id, key, 'step_' || step, 'Xử lý văn bản', 'Về việc số ' || made.n, 'work',
       CASE WHEN is_obsolete THEN 'obsolete' ELSE 'completed' END, false, 3, 'normal', at + step * interval '1 day',
       CASE step WHEN 0 THEN ARRAY['role:clerk'] WHEN 1 THEN ARRAY['role:leader']
                 WHEN 2 THEN ARRAY['role:unit_head@unit:' || code] ELSE ARRAY['user:' || login] END, '{}',
       CASE WHEN NOT is_obsolete THEN doer_id END, 'assign', NULL, at, at + interval '1 hour',
       CASE WHEN is_obsolete THEN NULL WHEN is_entered THEN aide_id ELSE doer_id END,
       CASE WHEN is_entered AND NOT is_obsolete THEN leader_id END, agency_id
FROM made
JOIN person ON person.n = 200 + made.n * 13 % 1800
CROSS JOIN known
CROSS JOIN generate_series(0, 4) AS step
CROSS JOIN LATERAL (SELECT (made.n * 5 + step) % 30 = 0 AS is_obsolete, step = 1 AND made.n % 60 = 0 AS is_entered,
    CASE step WHEN 0 THEN clerk_id WHEN 1 THEN leader_id ELSE account_id END AS doer_id) AS drawn
WHERE NOT is_open;

INSERT INTO submission_slip
    (id, instance_id, document_id, state, result, submission_number, matter, urgency, is_for_signature, mode, content, earlier,
     leaders, consulted, submitter_id, unit_id, created_at, submitted_at, decided_at, call_key, version, agency_id)
SELECT gen_random_uuid(), instance_id, NULL, CASE WHEN is_open THEN 'submitted' ELSE 'decided' END,
       CASE WHEN is_open THEN NULL ELSE 'agree' END, 1, 'Xin ý kiến số ' || made.n, 'normal', false, 'sequential', '{}', '[]',
       ARRAY[CASE WHEN made.n % 6 = 0 THEN 'chanhvp' ELSE 'phochanhvp' END], '{}', account_id, unit_id, at, at,
       CASE WHEN is_open THEN NULL ELSE at END, gen_random_uuid(), 1, agency_id
FROM made JOIN person ON person.n = made.n * 7 % 2000, known WHERE p = 2;

-- Two hundred notices for everybody, of which twenty are unread.
INSERT INTO notice
    (id, account_id, kind, parameters, urgency, object_kind, object_id, dedupe_key, created_at, read_at, agency_id)
SELECT gen_random_uuid(), account_id, 'task_reminder', '{}', 'normal', 'user_task', NULL, line::text,
       newest_at - line * interval '1 hour', CASE WHEN line > 20 THEN newest_at END, agency_id
FROM person, known, generate_series(1, 200) AS line
