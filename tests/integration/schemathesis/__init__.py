"""schemathesis against the running processes, each by its own description. `world.py` brings people and tokens along."""
