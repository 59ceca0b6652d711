"""Every address of this service, on one page."""

from aiohttp import web

from services.twofactor.api import callbacks, challenges, disavowals, factors, operators, receipts

ROUTES = (
    web.get("/v1/mfa/factors", factors.list_factors),
    web.post("/v1/mfa/factors", factors.enrol_factor),
    web.post("/v1/mfa/factors/{id}/confirmation", factors.confirm_factor),
    web.delete("/v1/mfa/factors/{id}", factors.remove_factor),
    web.post("/v1/mfa/recovery-codes", factors.make_recovery_codes),
    web.post("/v1/mfa/challenges", challenges.open_challenge),
    web.get("/v1/mfa/challenges/{id}", challenges.show_challenge),
    web.delete("/v1/mfa/challenges/{id}", challenges.cancel_challenge),
    web.post("/v1/mfa/challenges/{id}/code", challenges.answer_code),
    web.post("/v1/mfa/disavowals", disavowals.disavow),
    web.post("/v1/mfa/receipts", receipts.issue_receipt),
    web.post("/v1/mfa/users/{user}/reset", operators.reset_factors),
    web.post("/v1/mfa/users/{user}/void", operators.void_logins),
    web.post("/callbacks/authy", callbacks.receive_callback),
    web.get("/.well-known/jwks.json", receipts.show_keys),
)
