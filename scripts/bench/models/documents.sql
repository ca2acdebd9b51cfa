-- A busy office's documents for scripts/bench/document_list.py; ":documents" is how many.

CREATE TEMPORARY TABLE known AS
SELECT (SELECT id FROM agency) AS agency_id,
       (SELECT id FROM account WHERE login = 'vanthu') AS clerk_id,
       (SELECT id FROM account WHERE login = 'chanhvp') AS leader_id,
       (SELECT id FROM account WHERE login = 'tp.tonghop') AS head_id,
       (SELECT id FROM account WHERE login = 'tp.hanhchinh') AS other_head_id,
       (SELECT id FROM account WHERE login = 'cv.tonghop1') AS specialist_id,
       (SELECT id FROM account WHERE login = 'cv.tonghop2') AS colleague_id,
       (SELECT id FROM account WHERE login = 'cv.hanhchinh1') AS few_id,
       gen_random_uuid() AS definition_id, now() - interval '1 day' AS newest_at;

INSERT INTO process_definition
    (id, key, version, content_hash, active, info, bundle, spec, deployed_by_id, deployed_at, agency_id)
SELECT definition_id, 'incoming_document', 1, '\x00', true, '{}', NULL, NULL, NULL, newest_at, agency_id FROM known;

CREATE TEMPORARY TABLE made AS
SELECT n, gen_random_uuid() AS document_id, gen_random_uuid() AS instance_id,
       newest_at - n * interval '7 minutes' AS at,
       n % 10 <> 0 AS is_tong_hop, n % (:documents / 40) = 0 AS is_few, n <= :documents / 20 AS is_open
FROM generate_series(1, :documents) AS n, known;

INSERT INTO process_instance
    (id, definition_id, key, business_key, state, rev, initiator_id, started_at, ended_at, end_reason, execution, agency_id)
SELECT instance_id, definition_id, 'incoming_document', document_id::text,
       CASE WHEN is_open THEN 'active' ELSE 'completed' END, 9, clerk_id, at,
       CASE WHEN is_open THEN NULL ELSE at + interval '2 days' END, NULL, NULL, agency_id
FROM made, known;

INSERT INTO document
    (id, direction, status, channel, type_name, code_number, code_notation, issued_on, organ_id, organ_name, subject,
     language, page_amount, description, signer_position, signer_name, urgency, secrecy, category, to_places, exchange_id,
     received_at, due_at, arrival_number, arrival_on, legal_value, is_public, attested_by_id, attested_at, trace,
     instance_id, version, created_at, created_by_id, agency_id)
SELECT document_id, 'incoming', CASE WHEN is_open THEN 'in_progress' ELSE 'completed' END, 'upload', 'Công văn',
       n::text, 'CV/TU', at::date, 'A01.02.00', 'Ban Tổ chức Tỉnh ủy',
       CASE WHEN n % 7 = 0 THEN 'Về công tác phòng cháy, chữa cháy năm ' ELSE 'Về việc báo cáo kết quả đợt ' END || n,
       'vi', 3, '', 'Trưởng ban', 'Nguyễn Văn Hòa', 'normal', 'none', 'general', '', NULL,
       at, at + interval '10 days', n, at::date, 'original', n % 200 = 0, clerk_id, at,
       jsonb_build_array(
           jsonb_build_object('kind', 'captured', 'at', at, 'key', 'a', 'file_count', 1),
           jsonb_build_object('kind', 'signatures_verified', 'at', at, 'key', 'b', 'verdict', 'valid'),
           jsonb_build_object('kind', 'registered', 'at', at, 'key', 'c', 'number', n, 'legal_value', 'original'),
           jsonb_build_object('kind', 'status', 'at', at, 'key', 'd', 'status', 'transferred'),
           jsonb_build_object('kind', 'direction', 'at', at, 'key', 'e', 'decision', 'assign',
               'text', 'Giao phòng chủ trì nghiên cứu, tham mưu văn bản trả lời đúng hạn.',
               'lead_unit', CASE WHEN is_tong_hop THEN 'tong_hop' ELSE 'hanh_chinh_' || n % 3 END,
               'coordinating_units', jsonb_build_array('van_thu'), 'information_units', '[]'::jsonb),
           jsonb_build_object('kind', 'notice_direction', 'at', at, 'key', 'f', 'recipients',
               jsonb_build_array(CASE WHEN is_tong_hop THEN 'role:unit_head@unit:tong_hop'
                                      ELSE 'role:unit_head@unit:hanh_chinh_' || n % 3 END, 'user:troly')),
           jsonb_build_object('kind', 'status', 'at', at, 'key', 'g', 'status', 'in_progress'),
           jsonb_build_object('kind', 'result', 'at', at, 'key', 'h', 'text', 'Đã tham mưu văn bản trả lời.'),
           jsonb_build_object('kind', 'filed', 'at', at, 'key', 'i', 'notation', '01.TH')),
       instance_id, 9, at, NULL, agency_id
FROM made, known;

INSERT INTO user_task
    (id, instance_id, process_key, element_id, name, subject, form_key, state, is_open, version, urgency, due_at, deadline,
     owners, excluded, owner_id, delegator_id, authority, draft, created_at, completed_at, completed_by_id,
     on_behalf_of_id, agency_id)
SELECT gen_random_uuid(), instance_id, 'incoming_document', step, step, 'Về việc', step, 'completed', false, 3, 'normal',
       at + interval '1 day', NULL, ARRAY[owner], '{}', by_id, NULL, 'assign', NULL, at, at + interval '1 hour', by_id, NULL,
       agency_id
FROM made, known, LATERAL (VALUES
    ('check_document', 'role:clerk', clerk_id),
    ('confirm_metadata', 'role:clerk', clerk_id),
    ('give_direction', 'role:head_of_office', leader_id),
    ('assign_specialist', 'role:unit_head', CASE WHEN is_tong_hop THEN head_id ELSE other_head_id END),
    ('start_handling', 'user:', CASE WHEN is_few THEN few_id WHEN is_tong_hop THEN specialist_id ELSE other_head_id END)
) AS step (step, owner, by_id);

INSERT INTO user_task
    (id, instance_id, process_key, element_id, name, subject, form_key, state, is_open, version, urgency, due_at, deadline,
     owners, excluded, owner_id, delegator_id, authority, draft, created_at, completed_at, completed_by_id,
     on_behalf_of_id, agency_id)
SELECT gen_random_uuid(), instance_id, 'incoming_document', 'work_on_document', 'Xử lý', 'Về việc', 'work', 'ready', true, 1,
       'normal', at + interval '9 days', NULL,
       ARRAY[CASE WHEN n % 2 = 0 THEN 'user:cv.tonghop2' ELSE 'role:unit_head@unit:tong_hop' END], '{}',
       CASE WHEN n % 3 = 0 THEN colleague_id END, NULL, 'assign', NULL, at, NULL, NULL, NULL, agency_id
FROM made, known WHERE is_open;

INSERT INTO access_request
    (id, account_id, instance_id, reason, scope, codes, dossier_id, from_at, until_at, may_download, state, approvals,
     created_at, ended_at, end_reason, agency_id)
SELECT gen_random_uuid(), few_id, NULL, 'Nghiên cứu', 'documents', '{}', NULL, newest_at, newest_at + interval '9 days', false,
       'granted', '[]', newest_at, NULL, NULL, agency_id
FROM known;

INSERT INTO access_grant
    (id, request_id, account_id, document_id, dossier_id, from_at, until_at, may_download, created_at, ended_at, agency_id)
SELECT gen_random_uuid(), access_request.id, few_id, document_id, NULL, newest_at, newest_at + interval '9 days', false,
       newest_at, NULL, known.agency_id
FROM made, known, access_request WHERE n IN (77, 777);

INSERT INTO spill
    (id, document_id, secrecy, reason, state, readers, masked, reported_by_id, reported_at, decided_by_id, decided_at,
     decision_reason, wiped_at, agency_id)
SELECT gen_random_uuid(), document_id, 'secret', 'Nghi có nội dung mật', 'quarantined', '[]', '[]', clerk_id, newest_at, NULL,
       NULL, NULL, NULL, agency_id
FROM made, known WHERE n IN (5, 500)
