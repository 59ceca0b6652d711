"""Services behind Countersign, each protected in ten lines. Run by tests/unit/sdk/test_examples.py."""
