-- A run that ended is history: only the fields that say whether it is in force may change, and no run is deleted.
CREATE OR REPLACE FUNCTION runs_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb;
    after jsonb;
    publication text[] := ARRAY['published_at', 'published_by_label', 'superseded_at', 'superseded_by_id'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := to_jsonb(OLD) - publication;
        after := to_jsonb(NEW) - publication;
        IF OLD.state = 'running' AND before - ARRAY['state', 'finished_at', 'result', 'error']
            = after - ARRAY['state', 'finished_at', 'result', 'error'] THEN
            RETURN NEW;
        END IF;
        IF before = after AND OLD.state = 'finished' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'run % of % is history: % is refused', OLD.number, OLD.kind, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER runs_run_frozen BEFORE UPDATE OR DELETE ON runs_run FOR EACH ROW EXECUTE FUNCTION runs_refuse();
