"""What is remembered: PostgreSQL for what must last, Valkey for attempts."""
