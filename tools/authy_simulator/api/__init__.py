"""Authy's endpoints: ``routes.py`` lists them, each module holds one area of the contract."""
