-- migrate:up
-- The record of what happened. A row enters by `audit_inbox`, which the runtime role may only insert into, in the same transaction
-- as the change that it tells of. `audit_seal` moves it into `audit_events`, where each row's hash covers the one before. Nobody but
-- the owner can change or remove a row there, and whoever does is found by `countersign audit verify`. See docs/audit.md.
CREATE TABLE audit_inbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    what       text NOT NULL,
    outcome    text NOT NULL,
    actor      text NOT NULL,
    user_id    text NOT NULL,
    reason     text NOT NULL,
    address    text NOT NULL,
    browser    text NOT NULL,
    request_id text NOT NULL,
    times      integer NOT NULL,
    facts      jsonb NOT NULL
);
GRANT INSERT ON audit_inbox TO auth;

-- By the month of sealing, which only ever goes forward: a month is a row of numbers without a gap, and can go whole.
CREATE TABLE audit_events (
    number     bigint NOT NULL,
    sealed_at  timestamptz NOT NULL,
    at         timestamptz NOT NULL,
    what       text NOT NULL,
    outcome    text NOT NULL,
    actor      text NOT NULL,
    user_id    text NOT NULL,
    reason     text NOT NULL,
    address    text NOT NULL,
    browser    text NOT NULL,
    request_id text NOT NULL,
    times      integer NOT NULL,
    facts      jsonb NOT NULL,
    hash       bytea NOT NULL,
    PRIMARY KEY (number, sealed_at)
) PARTITION BY RANGE (sealed_at);
CREATE INDEX audit_events_by_user ON audit_events (user_id, number) WHERE user_id <> '';
CREATE INDEX audit_events_by_what ON audit_events (what, number);
CREATE INDEX audit_events_by_request ON audit_events (request_id, number) WHERE request_id <> '';
CREATE INDEX audit_events_by_address ON audit_events (address, number) WHERE address <> '';
CREATE INDEX audit_events_by_time ON audit_events (at);
GRANT SELECT ON audit_events TO auth;

-- The end of the chain: what the next row's hash covers. One row.
CREATE TABLE audit_chain (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    number    bigint NOT NULL,
    hash      bytea NOT NULL,
    sealed_at timestamptz NOT NULL
);
INSERT INTO audit_chain (number, hash, sealed_at) VALUES (0, decode(repeat('00', 32), 'hex'), '-infinity');
GRANT SELECT ON audit_chain TO auth;

-- Ends of the chain that the service has signed (a compact JWS): what stood there at that time, whoever owns this database.
CREATE TABLE audit_heads (
    number bigint PRIMARY KEY,
    hash   bytea NOT NULL,
    at     timestamptz NOT NULL,
    jws    text NOT NULL
);
GRANT SELECT, INSERT ON audit_heads TO auth;

-- The public half of every key that ever signed: what was signed can be checked for as long as it is kept.
CREATE TABLE verification_keys (
    kid        text PRIMARY KEY,
    jwk        jsonb NOT NULL,
    signs_from timestamptz NOT NULL,
    added_at   timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON verification_keys TO auth;

CREATE FUNCTION audit_month(month timestamptz) RETURNS void LANGUAGE plpgsql SET search_path = auth, pg_temp AS $$
DECLARE
    first date := date_trunc('month', month AT TIME ZONE 'UTC');
    name text := 'audit_events_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass('auth.' || name) IS NULL THEN
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF audit_events FOR VALUES FROM (%L) TO (%L)',
                       name, first || ' 00:00+00', (first + interval '1 month')::date || ' 00:00+00');
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION audit_month FROM PUBLIC;

-- Makes this month's partition and the next two: a lock on the table is then taken ahead of time, when nobody needs it.
CREATE FUNCTION audit_extend() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth, pg_temp AS $$
BEGIN
    FOR ahead IN 0..2 LOOP
        PERFORM audit_month(date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + ahead * interval '1 month');
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION audit_extend FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_extend TO auth;

-- Moves rows from the inbox to the chain, one process at a time; answers how many. The text that is hashed is told in
-- libs/chassis/audit/entry.py as well, and a test holds the two to the same answer.
CREATE FUNCTION audit_seal(at_most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth, pg_temp AS $$
DECLARE
    head audit_chain;
    entry audit_inbox;
    taken bigint[] := '{}';
BEGIN
    SELECT * INTO head FROM audit_chain FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    head.sealed_at := greatest(head.sealed_at, clock_timestamp());
    PERFORM audit_month(head.sealed_at);
    FOR entry IN SELECT * FROM audit_inbox ORDER BY id LIMIT at_most LOOP
        head.number := head.number + 1;
        head.hash := sha256(head.hash || convert_to(jsonb_build_array(
            head.number, (extract(epoch FROM head.sealed_at) * 1000000)::bigint, (extract(epoch FROM entry.at) * 1000000)::bigint,
            entry.what, entry.outcome, entry.actor, entry.user_id, entry.reason, entry.address, entry.browser, entry.request_id,
            entry.times, entry.facts)::text, 'UTF8'));
        INSERT INTO audit_events VALUES (
            head.number, head.sealed_at, entry.at, entry.what, entry.outcome, entry.actor, entry.user_id, entry.reason, entry.address,
            entry.browser, entry.request_id, entry.times, entry.facts, head.hash);
        taken := taken || entry.id;
    END LOOP;
    DELETE FROM audit_inbox WHERE id = ANY (taken);
    UPDATE audit_chain SET number = head.number, hash = head.hash, sealed_at = head.sealed_at WHERE cardinality(taken) > 0;
    RETURN cardinality(taken);
END $$;
REVOKE EXECUTE ON FUNCTION audit_seal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_seal TO auth;

-- Drops whole months that were over `keep` ago, never less than 90 days whoever asks, and only if the last row of them is vouched
-- for by a signed head: the rows that stay follow from it. That they went is itself a row. Answers how many months.
CREATE FUNCTION audit_expire(keep interval) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth, pg_temp AS $$
DECLARE
    cut timestamptz := date_trunc('month', (now() - greatest(keep, interval '90 days')) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    last_gone audit_events;
    month text;
    months text[] := '{}';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('auth.audit_expire'));
    SELECT * INTO last_gone FROM audit_events WHERE sealed_at < cut ORDER BY number DESC LIMIT 1;
    IF FOUND AND NOT EXISTS (SELECT FROM audit_heads WHERE number = last_gone.number AND hash = last_gone.hash) THEN
        RETURN 0;
    END IF;
    FOR month IN
        SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'audit_events'::regclass AND relname < 'audit_events_' || to_char(cut AT TIME ZONE 'UTC', 'YYYY_MM')
        ORDER BY relname
    LOOP
        EXECUTE format('DROP TABLE %I', month);
        months := months || right(month, 7);
    END LOOP;
    IF cardinality(months) > 0 THEN
        DELETE FROM audit_heads WHERE number < last_gone.number;
        INSERT INTO audit_inbox (at, what, outcome, actor, user_id, reason, address, browser, request_id, times, facts)
        VALUES (now(), 'audit_expired', 'done', 'retention', '', '', '', '', '', 1,
                jsonb_build_object('months', array_to_string(months, ' '), 'up_to', coalesce(last_gone.number, 0)::text));
    END IF;
    RETURN cardinality(months);
END $$;
REVOKE EXECUTE ON FUNCTION audit_expire FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_expire TO auth;

SELECT audit_extend();

-- migrate:down
DROP FUNCTION audit_expire, audit_seal, audit_extend, audit_month;
DROP TABLE verification_keys, audit_heads, audit_chain, audit_events, audit_inbox;
