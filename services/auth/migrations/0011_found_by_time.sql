-- migrate:up
-- Asked once a minute by every process: was an end of the chain signed just now?
CREATE INDEX audit_heads_by_time ON audit_heads (at);

-- migrate:down
DROP INDEX audit_heads_by_time;
