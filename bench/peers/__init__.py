"""Beside two systems that many know, better-auth and django-allauth: on the same machine, in the same rounds.

    make bench-peers           installs both into `.bench-peers`, once, and measures; better-auth needs Node.js

Everybody does the same: a password, a code of an authenticator app, a session; then the question whose session it is.
Passwords cost everybody the same cheap Argon2id, so that what is compared is the rest. Each has one core for all of its
processes and a database of its own in one PostgreSQL.

Start reading at `compare.py`. `contender.py` is what is asked of everybody, `ours.py` and the drivers in `better_auth`
and `allauth` answer it; beside each driver stands all of the set-up, pinned by its lock file. `installing.py` installs.
"""
