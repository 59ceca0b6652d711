"""The callback: its body, its signature, and its way to the application (contract sections 6.3 and 7)."""
