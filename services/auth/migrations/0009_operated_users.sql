-- migrate:up
-- What a login has proved before this moment opens no session: an operator disabled the person or reset their factors.
ALTER TABLE users ADD COLUMN proofs_void_before timestamptz;
GRANT UPDATE (disabled_at, proofs_void_before) ON users TO auth;
-- So that the doctor of a serving process, too, can say what is pending.
GRANT SELECT ON schema_migrations TO auth;

-- migrate:down
REVOKE SELECT ON schema_migrations FROM auth;
REVOKE UPDATE (disabled_at) ON users FROM auth;
ALTER TABLE users DROP COLUMN proofs_void_before;
