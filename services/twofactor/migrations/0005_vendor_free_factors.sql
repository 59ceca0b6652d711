-- migrate:up
-- Factors without a vendor: a row in `factors` as any other (its `account` is its own id), and here what they are made of.
-- Both go with the row in `factors`.
CREATE TABLE totp_secrets (
    factor_id uuid PRIMARY KEY REFERENCES factors ON DELETE CASCADE,
    secret_sealed bytea NOT NULL,
    -- The last time step that was used: no code of it, or of an earlier one, is believed again (RFC 6238 section 5.2).
    last_step bigint NOT NULL
);
GRANT SELECT, INSERT ON totp_secrets TO twofactor;
GRANT UPDATE (last_step, secret_sealed) ON totp_secrets TO twofactor;

CREATE TABLE recovery_codes (
    factor_id uuid NOT NULL REFERENCES factors ON DELETE CASCADE,
    digest bytea NOT NULL,
    PRIMARY KEY (factor_id, digest)
);
GRANT SELECT, INSERT, DELETE ON recovery_codes TO twofactor;

-- migrate:down
DROP TABLE recovery_codes;
DROP TABLE totp_secrets;
DELETE FROM factors WHERE provider IN ('totp', 'recovery');
