-- migrate:up
-- Receipts by the time that their id carries (the challenge's), so that those of long ago go with their table and no row is ever
-- deleted. `began_at` follows from the id, so "unique with began_at" says as much as "unique". See docs/decisions/0028.
--
-- The table `receipts` becomes the first of them and keeps its own key, under its own name: a process of the version before goes on
-- writing there, and what it recorded is not recorded once more.
ALTER TABLE receipts ADD COLUMN began_at timestamptz NOT NULL DEFAULT now();

CREATE TABLE issued_receipts (
    LIKE receipts INCLUDING DEFAULTS,
    UNIQUE (id, began_at)
) PARTITION BY RANGE (began_at);
GRANT SELECT, INSERT ON issued_receipts TO twofactor;

DO $$
BEGIN
    EXECUTE format('ALTER TABLE issued_receipts ATTACH PARTITION receipts FOR VALUES FROM (MINVALUE) TO (%L)',
                   (date_trunc('month', (now() + interval '4 days') AT TIME ZONE 'UTC') + interval '1 month')::date || ' 00:00+00');
END $$;

-- The tables of `issued_receipts`, each with the moment at which its time ends.
CREATE FUNCTION receipts_months() RETURNS TABLE (name text, ends timestamptz) LANGUAGE sql STABLE
SET search_path = twofactor, pg_temp AS $$
    SELECT relname, substring(pg_get_expr(relpartbound, oid) FROM 'TO \(''([^'']+)''\)')::timestamptz
    FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'issued_receipts'::regclass
$$;
REVOKE EXECUTE ON FUNCTION receipts_months FROM PUBLIC;

-- Makes a table a month, until the next two months have theirs. One that is made beside the others and then attached blocks nobody;
-- where a lock is not to be had at once, the next beat tries again.
CREATE FUNCTION receipts_extend() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = twofactor, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    first date;
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('twofactor.receipts'));
    LOOP
        SELECT (max(ends) AT TIME ZONE 'UTC')::date INTO first FROM receipts_months();
        EXIT WHEN first > (now() AT TIME ZONE 'UTC')::date + interval '2 months';
        name := 'issued_receipts_' || to_char(first, 'YYYY_MM');
        EXECUTE format('CREATE TABLE %I (LIKE issued_receipts INCLUDING DEFAULTS)', name);
        EXECUTE format('ALTER TABLE issued_receipts ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       name, first || ' 00:00+00', (first + interval '1 month')::date || ' 00:00+00');
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION receipts_extend FROM PUBLIC;
GRANT EXECUTE ON FUNCTION receipts_extend TO twofactor;

-- Drops whole months that were over `keep` ago, never less than 90 days whoever asks. That they went is a row of the record. Answers
-- how many tables.
CREATE FUNCTION receipts_expire(keep interval) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = twofactor, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    month record;
    gone text[] := '{}';
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('twofactor.receipts')) THEN
        RETURN 0;
    END IF;
    FOR month IN SELECT * FROM receipts_months() WHERE ends <= now() - greatest(keep, interval '90 days') ORDER BY ends LOOP
        EXECUTE format('DROP TABLE %I', month.name);
        gone := gone || to_char(month.ends AT TIME ZONE 'UTC', 'YYYY-MM-DD');
    END LOOP;
    IF cardinality(gone) > 0 THEN
        INSERT INTO audit_inbox (at, what, outcome, actor, user_id, reason, address, browser, request_id, times, facts)
        VALUES (now(), 'receipts_expired', 'done', 'retention', '', '', '', '', '', 1,
                jsonb_build_object('before', gone[cardinality(gone)]));
    END IF;
    RETURN cardinality(gone);
END $$;
REVOKE EXECUTE ON FUNCTION receipts_expire FROM PUBLIC;
GRANT EXECUTE ON FUNCTION receipts_expire TO twofactor;

SELECT receipts_extend();

-- migrate:down
CREATE TABLE flat (LIKE issued_receipts INCLUDING DEFAULTS);
INSERT INTO flat SELECT * FROM issued_receipts;
DROP FUNCTION receipts_expire, receipts_extend, receipts_months;
DROP TABLE issued_receipts;
ALTER TABLE flat RENAME TO receipts;
ALTER TABLE receipts DROP COLUMN began_at, ADD PRIMARY KEY (id);
CREATE INDEX receipts_by_user ON receipts (user_id, issued_at);
GRANT SELECT, INSERT ON receipts TO twofactor;
