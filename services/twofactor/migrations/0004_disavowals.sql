-- migrate:up
-- "It was not me": said by a person, told to auth as a signed statement. `id` is the challenge that was denied, or the session
-- from which it was said: each says it once. The row is written first and is the outbox; rows are added and never changed.
CREATE TABLE disavowals (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    how text NOT NULL,
    login text NOT NULL,
    said_at timestamptz NOT NULL,
    told_at timestamptz
);
CREATE INDEX disavowals_untold ON disavowals (said_at) WHERE told_at IS NULL;
GRANT SELECT, INSERT ON disavowals TO twofactor;
GRANT UPDATE (told_at) ON disavowals TO twofactor;

-- migrate:down
DROP TABLE disavowals;
