"""What the gateway signs and verifies."""
