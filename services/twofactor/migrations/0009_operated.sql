-- migrate:up
-- So that the doctor of a serving process, too, can say what is pending.
GRANT SELECT ON schema_migrations TO twofactor;

-- migrate:down
REVOKE SELECT ON schema_migrations FROM twofactor;
