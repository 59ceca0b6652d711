"""The gateway's nouns: pure values and decisions, standard library only."""
