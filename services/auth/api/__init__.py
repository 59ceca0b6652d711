"""HTTP: read the body, call one flow, shape the answer. No rules here."""
