"""A Countersign for tests: its tokens are valid for whoever trusts it, and nothing of it is on a network."""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from countersign.claims import ACCESS, ACCESS_AUDIENCE, ASSERTED, ASSERTION, CALLER, PARTIAL, PARTIAL_AUDIENCE, RECEIPT
from countersign.clock import Clock, utc_now
from countersign.guard import Guard
from countersign.key_sets import Algorithm
from countersign.revocations import Revocations
from countersign.testing.given import GivenTrust
from countersign.testing.minting import Signer
from countersign.verifier import Verifier

PUSH = ("pwd", "swk", "mca", "mfa")


class Issuer:
    """Mints every kind of token. Methods take what matters, and as keywords any claim: to be set, or (None) left out.

    algorithm     how all of them are signed; another way is not believed by guards of this issuer
    revocations   the sessions that were ended with `end`; guards of this issuer heed them
    """

    def __init__(
        self, url: str = "https://id.example.com", *, algorithm: Algorithm = "ES256", clock: Clock = utc_now
    ) -> None:
        self.url, self.algorithm, self.clock = url, algorithm, clock
        self.auth, self.approvals, self.gateway = (
            Signer(f"test-{issuer}", algorithm) for issuer in ("auth", "approvals", "gateway")
        )
        self.revocations = Revocations(clock=clock)
        self._numbers = itertools.count(1)

    def access_token(
        self,
        subject: str = "ada",
        *,
        scope: str | Iterable[str] = "",
        groups: Iterable[str] = (),
        acr: str = "aal2",
        confirmed_ago: float = 0,
        life: float = 300,
        **claims: Any,
    ) -> str:
        """A session's token; `confirmed_ago` and `life` in seconds (a life below 0 has expired)."""
        session = {
            "iss": self.url,
            "aud": ACCESS_AUDIENCE,
            "client_id": "countersign-gateway",
            "sid": self._new("session"),
            "scope": _spaced(scope),
            "groups": sorted(groups) or None,
            **self._confirmed(acr, confirmed_ago),
        }
        return self.auth.sign(ACCESS.typ, {**self._base(subject, life), **session, **claims})

    def assertion(
        self,
        name: str,
        subject: str = "ada",
        *,
        scope: str | Iterable[str] = "",
        groups: Iterable[str] = (),
        acr: str = "aal2",
        confirmed_ago: float = 0,
        life: float = 60,
        **claims: Any,
    ) -> str:
        """The gateway's word to the service `name`, about a person."""
        session = {
            "iss": f"{self.url}/gateway",
            "aud": name,
            "client_id": "countersign-gateway",
            "sid": self._new("session"),
            "scope": _spaced(scope),
            "groups": sorted(groups) or None,
            **self._confirmed(acr, confirmed_ago),
        }
        return self.gateway.sign(ASSERTION.typ, {**self._base(subject, life), **session, **claims})

    def service_assertion(
        self, name: str, client_id: str = "reports", *, scope: str | Iterable[str] = "", life: float = 60, **claims: Any
    ) -> str:
        """The gateway's word to the service `name`, about another service that calls in its own name."""
        about = {"iss": f"{self.url}/gateway", "aud": name, "client_id": client_id, "scope": _spaced(scope)}
        return self.gateway.sign(ASSERTION.typ, {**self._base(client_id, life), **about, **claims})

    def partial_token(
        self, subject: str = "ada", *, email: str = "ada@example.com", life: float = 300, **claims: Any
    ) -> str:
        """A login whose second factor is missing."""
        login = {"iss": self.url, "aud": PARTIAL_AUDIENCE, "txn": self._new("login"), "email": email}
        begun = {**login, **self._confirmed("aal1", 0), "amr": ["pwd"]}
        return self.auth.sign(PARTIAL.typ, {**self._base(subject, life), **begun, **claims})

    def receipt(self, subject: str = "ada", *, partial_id: str = "partial-1", life: float = 60, **claims: Any) -> str:
        """An approval of the login that `partial_id` began."""
        approval = {
            "iss": f"{self.url}/approvals",
            "aud": self.url,
            "txn": self._new("login"),
            "pjti": partial_id,
            "amr": list(PUSH),
        }
        return self.approvals.sign(RECEIPT.typ, {**self._base(subject, life), **approval, **claims})

    def service_token(
        self, client_id: str = "reports", *, scope: str | Iterable[str] = "", life: float = 300, **claims: Any
    ) -> str:
        """A service in its own name (`client_credentials`)."""
        named = {"iss": self.url, "aud": ACCESS_AUDIENCE, "client_id": client_id}
        allowed = {"scope": _spaced(scope)}
        return self.auth.sign(ACCESS.typ, {**self._base(client_id, life), **named, **allowed, **claims})

    def end(self, session: str) -> None:
        """Ends a session, as if the feed had told it: `issuer.access_token(sid="s1")`, `issuer.end("s1")`."""
        self.revocations.note(session)

    def guard(self, name: str | None = None, *, services: bool = False) -> Guard:
        """Believes this issuer, without any network; with `name`, its assertions too. As `Trust` has it."""
        kept: dict[str, Any] = {
            "clock": self.clock,
            "revocations": self.revocations,
            "algorithm": self.algorithm,
        }
        access = Verifier(
            CALLER if services else ACCESS, issuer=self.url, audience=ACCESS_AUDIENCE, keys=self.auth, **kept
        )
        if name is None:
            return Guard(access, clock=self.clock)
        asserted = ASSERTED if services else ASSERTION
        assertion = Verifier(asserted, issuer=f"{self.url}/gateway", audience=name, keys=self.gateway, **kept)
        return Guard(access, assertion, realm=name, clock=self.clock)

    def trust(self, name: str | None = None, *, services: bool = False) -> GivenTrust:
        """What middleware takes in the place of `Trust`."""
        return GivenTrust(self.guard(name, services=services))

    def _base(self, subject: str, life: float) -> dict[str, Any]:
        now = self.clock()
        # Whole seconds, as in every token; issued before it expires, also when it has expired.
        begin = min(now, now + timedelta(seconds=life))
        return {
            "sub": subject,
            "jti": self._new("token"),
            "iat": _seconds(begin),
            "exp": _seconds(now + timedelta(seconds=life)),
        }

    def _confirmed(self, acr: str, ago: float) -> dict[str, Any]:
        return {"acr": acr, "amr": list(PUSH), "auth_time": _seconds(self.clock() - timedelta(seconds=ago))}

    def _new(self, what: str) -> str:
        return f"{what}-{next(self._numbers)}"


def _spaced(scope: str | Iterable[str]) -> str:
    return scope if isinstance(scope, str) else " ".join(scope)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
