-- migrate:up
CREATE TABLE sessions (
    id               uuid PRIMARY KEY,
    user_id          uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id        text NOT NULL,
    scope            text[] NOT NULL,
    amr              text[] NOT NULL,
    authenticated_at timestamptz NOT NULL,
    opened_at        timestamptz NOT NULL,
    last_used_at     timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    end_reason       text,
    address          text NOT NULL,
    browser          text NOT NULL,
    -- A partial token and a receipt open one session, ever: these two lines are what "spent once" rests on.
    partial_id       text NOT NULL UNIQUE,
    receipt_id       text NOT NULL UNIQUE
);
CREATE INDEX sessions_open ON sessions (user_id, opened_at DESC) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);
GRANT SELECT, INSERT, DELETE ON sessions TO auth;
GRANT UPDATE (last_used_at, ended_at, end_reason) ON sessions TO auth;

CREATE TABLE refresh_families (
    id           uuid PRIMARY KEY,
    session_id   uuid NOT NULL UNIQUE REFERENCES sessions (id) ON DELETE CASCADE,
    generation   integer NOT NULL,
    digest       bytea NOT NULL,
    rotated_at   timestamptz NOT NULL,
    idle_until   timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON refresh_families TO auth;
GRANT UPDATE (generation, digest, rotated_at, idle_until) ON refresh_families TO auth;

-- migrate:down
DROP TABLE refresh_families;
DROP TABLE sessions;
