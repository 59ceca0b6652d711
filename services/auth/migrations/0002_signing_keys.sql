-- migrate:up
CREATE TABLE signing_keys (
    kid             text PRIMARY KEY,
    private_sealed  bytea NOT NULL,
    signs_from      timestamptz NOT NULL,
    published_until timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON signing_keys TO auth;

-- migrate:down
DROP TABLE signing_keys;
