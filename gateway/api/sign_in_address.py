"""Where a person is sent who must sign in first."""

from urllib.parse import quote

from gateway.model.decision import SignInFirst


def sign_in_address(decision: SignInFirst) -> str:
    """A path on the same host, whichever it is: our cookie is bound to it. `reason=fresh` asks whoever is signed in."""
    reason = "&reason=fresh" if decision.is_fresh else ""
    return f"/sign-in?return_to={quote(decision.return_to, safe='')}{reason}"
