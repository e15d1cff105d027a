-- What was is history: an ended tier, a closed decision and a closed meeting stay as they are, and none is deleted.
CREATE OR REPLACE FUNCTION segmentation_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_over boolean;
BEGIN
    is_over := CASE TG_TABLE_NAME
        WHEN 'segmentation_tierassignment' THEN to_jsonb(OLD) ->> 'valid_to' IS NOT NULL
        ELSE to_jsonb(OLD) ->> 'closed_at' IS NOT NULL
    END;
    IF is_over THEN
        RAISE EXCEPTION '% % is history: % is refused', TG_TABLE_NAME, OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER segmentation_tier_frozen BEFORE UPDATE OR DELETE ON segmentation_tierassignment
    FOR EACH ROW EXECUTE FUNCTION segmentation_refuse();
CREATE TRIGGER segmentation_change_frozen BEFORE UPDATE OR DELETE ON segmentation_tierchange
    FOR EACH ROW EXECUTE FUNCTION segmentation_refuse();
CREATE TRIGGER segmentation_meeting_frozen BEFORE UPDATE OR DELETE ON segmentation_tiermeeting
    FOR EACH ROW EXECUTE FUNCTION segmentation_refuse();
