"""How this service's own statements are signed."""
