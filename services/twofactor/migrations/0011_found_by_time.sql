-- migrate:up
-- Asked once a minute by every process: was an end of the chain signed just now?
CREATE INDEX audit_heads_by_time ON audit_heads (at);
-- Asked when the stream has another server: what was told within the last days, and is told again?
CREATE INDEX disavowals_by_time ON disavowals (said_at);

-- migrate:down
DROP INDEX disavowals_by_time;
DROP INDEX audit_heads_by_time;
