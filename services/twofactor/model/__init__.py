"""The nouns of the second factor: pure values and decisions, standard library only."""
