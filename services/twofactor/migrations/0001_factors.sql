-- migrate:up
-- One row is one phone of one person. `account` is the vendor's id of the person and stands nowhere else.
CREATE TABLE factors (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    provider text NOT NULL,
    account text NOT NULL,
    name text NOT NULL,
    email_sealed bytea NOT NULL,
    last_channel text,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, provider, account)
);
-- Two people may share a phone, and so an account: it is not unique, and the vendor forgets it with the last of them.
CREATE INDEX factors_by_account ON factors (provider, account);
GRANT SELECT, INSERT, DELETE ON factors TO twofactor;
GRANT UPDATE (last_channel, last_used_at) ON factors TO twofactor;

-- migrate:down
DROP TABLE factors;
