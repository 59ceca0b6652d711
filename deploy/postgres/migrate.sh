#!/bin/sh
# The migration job: each schema by its own owner, then it is done.
set -eu
COUNTERSIGN_DATABASE_URL_FILE=/run/secrets/auth_owner_database_url python -m chassis.migrate services/auth
COUNTERSIGN_DATABASE_URL_FILE=/run/secrets/twofactor_owner_database_url python -m chassis.migrate services/twofactor
