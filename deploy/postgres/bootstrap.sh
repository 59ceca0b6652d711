#!/bin/sh
# Run by the PostgreSQL image when its data folder is new: roles and schemas, with the passwords of the secret file.
psql -q -v ON_ERROR_STOP=1 -h /var/run/postgresql -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
  -f /run/secrets/database_roles -f /bootstrap.sql
