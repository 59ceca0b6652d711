-- migrate:up
-- A session that ended and was not announced is what the feed of ended sessions still owes: the row itself is the outbox.
ALTER TABLE sessions ADD COLUMN announced_at timestamptz;
UPDATE sessions SET announced_at = ended_at WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_unannounced ON sessions (ended_at) WHERE ended_at IS NOT NULL AND announced_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
GRANT UPDATE (announced_at) ON sessions TO auth;

-- A login that was begun with the password before does not become a session any more.
ALTER TABLE users ADD COLUMN password_changed_at timestamptz;
GRANT UPDATE (password_changed_at) ON users TO auth;

-- migrate:down
ALTER TABLE users DROP COLUMN password_changed_at;
DROP INDEX sessions_ended;
DROP INDEX sessions_unannounced;
ALTER TABLE sessions DROP COLUMN announced_at;
