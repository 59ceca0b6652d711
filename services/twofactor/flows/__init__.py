"""The verbs, one class each.

List, enrol (a phone, an app, recovery codes), remove, reset; open, show, answer, cancel; receive a callback; issue a
receipt.
"""
