"""Attacks on the whole running system, by outsiders and by a gateway that was broken into. `attacker.py` is their toolbox."""
