"""What the gateway remembers in Valkey, and what it hears there. Every key has a TTL and the prefix `gateway:`."""
