"""The nouns of the simulated Authy: standard library only, no I/O, no clock."""
