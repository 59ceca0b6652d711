-- migrate:up
CREATE TABLE service_clients (
    client_id         text PRIMARY KEY,
    -- SHA-256 of 256 random bits: nobody guesses them, so a slow hash would add nothing but work for us.
    secret_digest     bytea,
    -- The secret before, while a rotation lets both be used.
    old_secret_digest bytea,
    old_secret_until  timestamptz,
    -- Public keys (RFC 7517) for private_key_jwt, each with its `alg`.
    jwks              jsonb NOT NULL,
    scopes            text[] NOT NULL,
    grants            text[] NOT NULL,
    created_at        timestamptz NOT NULL,
    disabled_at       timestamptz
);
GRANT SELECT, INSERT ON service_clients TO auth;
GRANT UPDATE (secret_digest, old_secret_digest, old_secret_until, jwks, disabled_at) ON service_clients TO auth;

-- migrate:down
DROP TABLE service_clients;
