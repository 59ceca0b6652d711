"""The verbs, one class each: list, enrol, remove; open, show, answer, cancel; receive a callback; issue a receipt."""
