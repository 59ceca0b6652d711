"""The nouns and their rules: standard library only, no I/O, no clock, no chance."""
