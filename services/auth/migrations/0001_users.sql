-- migrate:up
CREATE TABLE users (
    id            uuid PRIMARY KEY,
    email         text NOT NULL,
    -- One mailbox, one account: the folded spelling is what is unique.
    email_key     text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    created_at    timestamptz NOT NULL,
    disabled_at   timestamptz
);
GRANT SELECT, INSERT ON users TO auth;
GRANT UPDATE (password_hash) ON users TO auth;

-- migrate:down
DROP TABLE users;
