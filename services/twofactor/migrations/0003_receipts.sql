-- migrate:up
-- What was approved, by whom, how and from where. `id` is the challenge. Rows are added and never changed.
CREATE TABLE receipts (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    login text NOT NULL,
    partial_id text NOT NULL,
    factor_id uuid NOT NULL,
    channel text NOT NULL,
    amr text[] NOT NULL,
    address text NOT NULL,
    browser text NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX receipts_by_user ON receipts (user_id, issued_at);
GRANT SELECT, INSERT ON receipts TO twofactor;

-- migrate:down
DROP TABLE receipts;
