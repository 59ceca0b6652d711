"""HTTP in, one flow, HTTP out: no rules live here."""
