-- Opinions on slips, confirmations and steps of assignments are only ever added, so that wiping a spill has a function
-- of its own for them.

-- Takes the words out of the answers about a document, and out of what its work repeats of them. Other than an abstract,
-- such words are everyday ones: they are taken out of this work alone, nowhere else.
CREATE FUNCTION forget_answers(p_document_id uuid, p_instances uuid[], p_words text[], p_mark text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_agency uuid := current_agency();
BEGIN
    UPDATE history SET steps = without_words(steps::text, p_words, p_mark)::jsonb
    WHERE agency_id = v_agency AND instance_id = ANY (p_instances);
    UPDATE job SET params = without_words(params::text, p_words, p_mark)::jsonb
    WHERE agency_id = v_agency AND instance_id = ANY (p_instances);
    UPDATE notice SET parameters = without_words(parameters::text, p_words, p_mark)::jsonb
    WHERE agency_id = v_agency AND (object_id = p_document_id OR object_id = ANY (p_instances));
    UPDATE outbox SET payload = without_words(payload::text, p_words, p_mark)::jsonb
    WHERE agency_id = v_agency
      AND (payload ->> 'instance_id' = ANY (p_instances::text[]) OR payload ->> 'document_id' = p_document_id::text);
    UPDATE slip_opinion SET words = p_mark
    WHERE agency_id = v_agency AND words <> ''
      AND slip_id IN (SELECT id FROM submission_slip WHERE document_id = p_document_id);
    UPDATE task_confirmation SET words = p_mark
    WHERE agency_id = v_agency AND words <> ''
      AND task_id IN (SELECT id FROM user_task WHERE instance_id = ANY (p_instances));
    UPDATE assignment_entry SET words = CASE words WHEN '' THEN '' ELSE p_mark END, details = '{}'
    WHERE agency_id = v_agency AND assignment_id IN (SELECT id FROM assignment WHERE document_id = p_document_id);
END
$$;

REVOKE EXECUTE ON FUNCTION forget_answers(uuid, uuid[], text[], text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_answers(uuid, uuid[], text[], text) TO congvan_app;
