"""services.auth: who are you?

It keeps people and their passwords, says "this password was right" (a partial token, five minutes, one login), and
turns that together with services.twofactor's approval receipt into a session: an access token and a rotating refresh
token. It never talks to services.twofactor but to read its public keys, and believes nothing that is not signed.

Where to start reading:

    routes.py                every address
    flows/login.py           a password becomes a partial token; flows/guard.py slows guessing down
    flows/register.py        an account is opened
    flows/exchange.py        two proofs become a session, once (RFC 8693)
    flows/refresh.py         a session goes on; model/family.py judges refresh tokens
    flows/read_token.py      what a token is worth right now: sessions, introspection, revocation
    model/                   the nouns and their rules, pure
    ports.py                 what the flows ask of the world; store/ and crypto/ answer it
    wiring.py, app.py        who answers what; build_app(settings)
    problems.py              what each refusal is in HTTP

Run it: `python -m services.auth`. Ask it, as its operator: `countersign users|clients|keys` (commands/).
"""
