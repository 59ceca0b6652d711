"""What development and tests stand on. Never imported by production code, never in a production image."""
