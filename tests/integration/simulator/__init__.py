"""The Authy simulator against the wire contract: each endpoint, each error, each fault, each button."""
