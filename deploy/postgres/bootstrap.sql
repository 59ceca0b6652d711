-- Run once, as the database's superuser, before the first migration: for each service a schema, an owner that migrates it, and
-- a runtime role that may do only what the migrations grant. Passwords come as psql variables or are set by the caller.
--   psql -v auth_owner_password=... -v auth_password=... -v twofactor_owner_password=... -v twofactor_password=... -f bootstrap.sql
CREATE ROLE auth_owner LOGIN PASSWORD :'auth_owner_password';
CREATE ROLE auth LOGIN PASSWORD :'auth_password';
CREATE ROLE twofactor_owner LOGIN PASSWORD :'twofactor_owner_password';
CREATE ROLE twofactor LOGIN PASSWORD :'twofactor_password';

REVOKE ALL ON DATABASE countersign FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE countersign TO auth_owner, auth, twofactor_owner, twofactor;

CREATE SCHEMA auth AUTHORIZATION auth_owner;
GRANT USAGE ON SCHEMA auth TO auth;
ALTER ROLE auth_owner SET search_path = auth;
ALTER ROLE auth SET search_path = auth;

CREATE SCHEMA twofactor AUTHORIZATION twofactor_owner;
GRANT USAGE ON SCHEMA twofactor TO twofactor;
ALTER ROLE twofactor_owner SET search_path = twofactor;
ALTER ROLE twofactor SET search_path = twofactor;
