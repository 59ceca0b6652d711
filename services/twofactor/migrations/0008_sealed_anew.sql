-- migrate:up
-- `keys reseal` seals the addresses anew when the sealing key is replaced.
GRANT UPDATE (email_sealed) ON factors TO twofactor;

-- migrate:down
REVOKE UPDATE (email_sealed) ON factors FROM twofactor;
