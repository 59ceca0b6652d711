"""The gateway's verbs: one class per verb, its `__call__` is the story."""
