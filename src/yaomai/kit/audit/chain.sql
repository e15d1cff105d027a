-- Link each new entry into the chain at commit. The head row is locked only while transactions commit, so
-- writers do not wait for one another's work, and the chain's order is the order of commits.
CREATE OR REPLACE FUNCTION audit_link_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head audit_head%ROWTYPE;
    digest bytea;
BEGIN
    SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
    digest := sha256(head.hash || convert_to(NEW.id::text, 'UTF8') || NEW.seal || convert_to(NEW.content, 'UTF8'));
    INSERT INTO audit_link (sequence, entry_id, hash) VALUES (head.sequence + 1, NEW.id, digest);
    UPDATE audit_head SET sequence = head.sequence + 1, hash = digest;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE CONSTRAINT TRIGGER audit_entry_link AFTER INSERT ON audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link_entry();
CREATE TRIGGER audit_entry_fixed BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entry_kept BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_link_fixed BEFORE UPDATE OR DELETE ON audit_link FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_link_kept BEFORE TRUNCATE ON audit_link FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_kept BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse();

INSERT INTO audit_head (one, sequence, hash) VALUES (true, 0, sha256(''::bytea));
