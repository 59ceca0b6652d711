"""The gateway: the only door. People and programs reach everything through it, and it can mint no session.

    api/     the public API: sign-in, status of a challenge (poll, long-poll, events, WebSocket), tokens, proxy
    pages/   the same for people with a browser: sign up, sign in, confirm, wait, home
    flows/   sign_in  exchange  waiting  read_status | authorize  believe  keep_session  stay
    model/   what a login, a challenge, a visit, a policy and a decision are; pure
    peers/   auth and twofactor over HTTP: their answers as values, their refusals as errors of the model
    store/   browser sessions, news of challenges and pacing in Valkey
    crypto/  reads access tokens, signs identity assertions

What it believes and says:
    it believes access tokens (`at+jwt`, signed by auth) for callers, and nothing that a caller says about itself;
    it says "this request is that person's" to an upstream: identity headers and a signed assertion of 60 seconds;
    it fetches the approval receipt from twofactor and hands it to auth: it can make neither.

Where to start: `routes.py` (every address on one page), `flows/authorize.py` (the one decision), `ports.py`, `app.py`.
"""
