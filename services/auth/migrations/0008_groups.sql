-- migrate:up
-- Names that an operator gives. They stand in every token of the person, so their number is bounded here, too.
ALTER TABLE users ADD COLUMN groups text[] NOT NULL DEFAULT '{}' CHECK (cardinality(groups) <= 24);
GRANT UPDATE (groups) ON users TO auth;

-- migrate:down
ALTER TABLE users DROP COLUMN groups;
