"""Verify Countersign tokens."""
