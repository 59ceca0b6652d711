-- migrate:up
-- Sessions by the time at which their login began, so that those of long ago go with their table and no row is ever deleted.
-- `began_at` is the time that the partial token's id carries (and the ids of the session and of its family, too): a function of the
-- proof that is spent. So "unique with began_at" says as much as "unique", whatever table the row is in. See docs/decisions/0028.
--
-- The rows of before become the first table, which also takes what begins in the next three days. It keeps the unique keys that it
-- had, without began_at: a proof that was spent before this migration, or by a process of the version before, stays spent.
ALTER TABLE refresh_families DROP CONSTRAINT refresh_families_session_id_fkey;
ALTER TABLE sessions RENAME TO sessions_first;
ALTER TABLE refresh_families RENAME TO refresh_families_first;
ALTER TABLE sessions_first ADD COLUMN began_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE refresh_families_first ADD COLUMN began_at timestamptz NOT NULL DEFAULT now();
ALTER INDEX sessions_open RENAME TO sessions_first_open;
ALTER INDEX sessions_by_end RENAME TO sessions_first_by_end;
ALTER INDEX sessions_unannounced RENAME TO sessions_first_unannounced;
ALTER INDEX sessions_ended RENAME TO sessions_first_ended;
REVOKE ALL ON sessions_first, refresh_families_first FROM auth;

CREATE TABLE sessions (
    LIKE sessions_first INCLUDING DEFAULTS,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    UNIQUE (id, began_at),
    UNIQUE (partial_id, began_at),
    UNIQUE (receipt_id, began_at)
) PARTITION BY RANGE (began_at);
CREATE INDEX sessions_open ON sessions (user_id, opened_at DESC) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_unannounced ON sessions (ended_at) WHERE ended_at IS NOT NULL AND announced_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
-- No DELETE: whoever breaks into a process cannot make a spent proof good again.
GRANT SELECT, INSERT ON sessions TO auth;
GRANT UPDATE (last_used_at, ended_at, end_reason, announced_at) ON sessions TO auth;

CREATE TABLE refresh_families (
    LIKE refresh_families_first INCLUDING DEFAULTS,
    UNIQUE (id, began_at)
) PARTITION BY RANGE (began_at);
GRANT SELECT, INSERT ON refresh_families TO auth;
GRANT UPDATE (generation, digest, rotated_at, idle_until) ON refresh_families TO auth;

DO $$
DECLARE
    ends text := ((now() AT TIME ZONE 'UTC')::date + 4) || ' 00:00+00';
BEGIN
    EXECUTE format('ALTER TABLE sessions ATTACH PARTITION sessions_first FOR VALUES FROM (MINVALUE) TO (%L)', ends);
    EXECUTE format('ALTER TABLE refresh_families ATTACH PARTITION refresh_families_first FOR VALUES FROM (MINVALUE) TO (%L)', ends);
END $$;

-- The tables of `sessions`, each with the moment at which its time ends.
CREATE FUNCTION sessions_spans() RETURNS TABLE (suffix text, ends timestamptz) LANGUAGE sql STABLE SET search_path = auth, pg_temp AS $$
    SELECT substr(relname, length('sessions_') + 1),
           substring(pg_get_expr(relpartbound, oid) FROM 'TO \(''([^'']+)''\)')::timestamptz
    FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'sessions'::regclass
$$;
REVOKE EXECUTE ON FUNCTION sessions_spans FROM PUBLIC;

-- Makes tables of `days` days each (1 to 60), until they reach two of them, and a week, ahead. A table that is made beside the others and
-- then attached blocks nobody who reads or signs in (who registers, for milliseconds); where a lock is not to be had at once, the next beat tries again.
CREATE FUNCTION sessions_extend(days integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = auth, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    width integer := least(greatest(days, 1), 60);
    day date;
    suffix text;
    span text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('auth.sessions'));
    LOOP
        SELECT (max(ends) AT TIME ZONE 'UTC')::date INTO day FROM sessions_spans();
        EXIT WHEN day > (now() AT TIME ZONE 'UTC')::date + greatest(2 * width, 7);
        suffix := to_char(day, 'YYYY_MM_DD');
        span := format('FROM (%L) TO (%L)', day || ' 00:00+00', day + width || ' 00:00+00');
        EXECUTE format('CREATE TABLE %I (LIKE sessions INCLUDING DEFAULTS)', 'sessions_' || suffix);
        EXECUTE format('ALTER TABLE sessions ATTACH PARTITION %I FOR VALUES %s', 'sessions_' || suffix, span);
        EXECUTE format('CREATE TABLE %I (LIKE refresh_families INCLUDING DEFAULTS)', 'refresh_families_' || suffix);
        EXECUTE format('ALTER TABLE refresh_families ATTACH PARTITION %I FOR VALUES %s', 'refresh_families_' || suffix, span);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION sessions_extend FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sessions_extend TO auth;

-- Drops the oldest table whose every session was over before `before`; answers how many tables went, one or none. Never one that a
-- token could still point into, whoever asks: no partial token lives longer than an hour.
CREATE FUNCTION sessions_expire(before timestamptz) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = auth, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    cut timestamptz := least(before, now() - interval '2 hours');
    span record;
    last_end timestamptz;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('auth.sessions')) THEN
        RETURN 0;
    END IF;
    FOR span IN SELECT * FROM sessions_spans() WHERE ends <= cut ORDER BY ends LOOP
        EXECUTE format('SELECT max(expires_at) FROM %I', 'sessions_' || span.suffix) INTO last_end;
        IF coalesce(last_end <= cut, true) THEN
            EXECUTE format('DROP TABLE %I, %I', 'sessions_' || span.suffix, 'refresh_families_' || span.suffix);
            RETURN 1;
        END IF;
    END LOOP;
    RETURN 0;
END $$;
REVOKE EXECUTE ON FUNCTION sessions_expire FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sessions_expire TO auth;

SELECT sessions_extend(1);

-- migrate:down
CREATE TABLE flat (LIKE sessions INCLUDING DEFAULTS);
CREATE TABLE flat_families (LIKE refresh_families INCLUDING DEFAULTS);
INSERT INTO flat SELECT * FROM sessions;
INSERT INTO flat_families SELECT refresh_families.* FROM refresh_families WHERE session_id IN (SELECT id FROM sessions);
DROP FUNCTION sessions_expire, sessions_extend, sessions_spans;
DROP TABLE sessions, refresh_families;
ALTER TABLE flat RENAME TO sessions;
ALTER TABLE flat_families RENAME TO refresh_families;
ALTER TABLE sessions DROP COLUMN began_at, ADD PRIMARY KEY (id), ADD UNIQUE (partial_id), ADD UNIQUE (receipt_id),
    ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE refresh_families DROP COLUMN began_at, ADD PRIMARY KEY (id), ADD UNIQUE (session_id),
    ADD FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE;
CREATE INDEX sessions_open ON sessions (user_id, opened_at DESC) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_unannounced ON sessions (ended_at) WHERE ended_at IS NOT NULL AND announced_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
GRANT SELECT, INSERT, DELETE ON sessions, refresh_families TO auth;
GRANT UPDATE (last_used_at, ended_at, end_reason, announced_at) ON sessions TO auth;
GRANT UPDATE (generation, digest, rotated_at, idle_until) ON refresh_families TO auth;
