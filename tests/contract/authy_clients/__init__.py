"""Public Authy clients, run unchanged against the simulator: what satisfies them is faithful enough."""
