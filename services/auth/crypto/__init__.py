"""Passwords, signatures and refresh tokens: the slow or secret arithmetic behind the ports."""
