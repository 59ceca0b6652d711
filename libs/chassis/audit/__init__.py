"""A record of what happened that cannot be changed unnoticed, in the PostgreSQL schema of the service that keeps it.

    entry.py       what a row says, and the hash that ties it to the one before
    recorder.py    writes: at once and for good, or, of refusals, soon and those alike as one
    alike.py       how many alike are one
    beat.py        beside the requests: seals what came in, signs the end of the chain, makes and drops months
    trail.py       reads: search, follow, export
    verify.py      says which row breaks the chain

The tables and the rights are in each service's migration `0006_audit.sql`; docs/audit.md tells it to operators.
"""
