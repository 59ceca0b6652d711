"""The verbs: one class each, whose `__call__` is the story. They know `model` and `ports`, nothing of HTTP or SQL."""
