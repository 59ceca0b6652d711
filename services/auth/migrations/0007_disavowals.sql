-- migrate:up
-- A person said that a sign-in was not them: whoever tried it knows the password. Nothing opens with it any more; the next
-- sign-in, confirmed with the second factor after this moment, leads to a new one.
ALTER TABLE users ADD COLUMN password_disavowed_at timestamptz;
GRANT UPDATE (password_disavowed_at) ON users TO auth;

-- Which statements have been heard: each takes effect once, however often it is told.
CREATE TABLE disavowals (
    id       uuid PRIMARY KEY,
    user_id  uuid NOT NULL,
    said_at  timestamptz NOT NULL,
    heard_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON disavowals TO auth;

-- migrate:down
DROP TABLE disavowals;
ALTER TABLE users DROP COLUMN password_disavowed_at;
