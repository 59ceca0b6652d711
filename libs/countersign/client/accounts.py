"""Accounts, logins and factors: what a person has, and how a login begins."""

from dataclasses import dataclass
from urllib.parse import quote

from countersign.client.answers import BegunLogin, Factor, PartialLogin, PendingApp
from countersign.client.calls import FREELY, Call, Calls
from countersign.client.errors import NotFound
from countersign.client.grants import Grant
from countersign.client.members import Document, flag, texts


@dataclass(frozen=True)
class Phone:
    """A phone in national form: `Phone("44", "7700 900123")`."""

    country_code: str
    number: str

    @property
    def document(self) -> dict[str, object]:
        """As the API takes it."""
        return {"country_code": self.country_code, "number": self.number}


class Accounts:
    """`/v1/users` and `/v1/login`. Never repeated once sent: each attempt counts, and creates or tries something."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    async def register(self, email: str, password: str, phone: Phone | None = None) -> BegunLogin:
        """A new account, with `phone` its second factor too. `InvalidRequest` with code email_taken, weak_password."""
        body: dict[str, object] = {"email": email, "password": password}
        if phone is not None:
            body["phone"] = phone.document
        return BegunLogin.read(await self.calls(Call("POST", "/v1/users", json=body)))

    async def login(self, email: str, password: str, device_token: str | None = None) -> BegunLogin:
        """The first factor. `NotAuthenticated` for a wrong password or an unknown address, `TooMany`.

        `device_token` is that of an earlier `Grant` on this device: others who guess at the account are then not in
        the way of its owner.
        """
        return BegunLogin.read(await self._login(email, password, device_token, {}))

    async def begin(self, email: str, password: str, device_token: str | None = None) -> PartialLogin:
        """`login` for whoever has a code at hand (`tokens.confirm`): how else to confirm is not asked, nor told."""
        return PartialLogin.read(await self._login(email, password, device_token, {"Prefer": "return=minimal"}))

    async def _login(self, email: str, password: str, device_token: str | None, headers: dict[str, str]) -> Document:
        body = {"email": email, "password": password}
        device = {"Countersign-Device": device_token} if device_token else {}
        return await self.calls(Call("POST", "/v1/login", json=body, headers={**headers, **device}))

    async def change_password(self, access_token: str, current: str, new: str) -> None:
        """Another password; the person's other sessions end.

        Raises `ConfirmAgain` when the session was confirmed too long ago, `NotAuthenticated` with code wrong_password
        when `current` is not right, `InvalidRequest` with weak_password.
        """
        body = {"current_password": current, "new_password": new}
        await self.calls(Call("POST", "/v1/users/me/password", token=access_token, json=body))

    async def renew_password(self, password_token: str, new: str) -> Grant:
        """A new password in place of one that somebody else knows, and a session. The token is good once.

        Raises `NotAuthenticated` when the token is over or spent, `InvalidRequest` with weak_password.
        """
        call = Call("POST", "/v1/login/password", token=password_token, json={"new_password": new})
        return Grant.read(await self.calls(call))


class Factors:
    """`/v1/mfa/factors`. `token` is a partial token, or an access token of the same person."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    async def list(self, token: str) -> tuple[Factor, ...]:
        """All ways to confirm, best first."""
        call = Call("GET", "/v1/mfa/factors", FREELY, token=token)
        return Factor.read_all(await self.calls(call))

    async def enrol(self, token: str, phone: Phone) -> tuple[Factor, ...]:
        """All factors, with the new ones.

        The first phone with the partial token; another with an access token whose login is at most five minutes old,
        otherwise `ConfirmAgain`. `InvalidRequest` for a phone that cannot be used.
        """
        call = Call("POST", "/v1/mfa/factors", token=token, json={"phone": phone.document})
        return Factor.read_all(await self.calls(call))

    async def begin_app(self, token: str) -> PendingApp:
        """A secret for an authenticator app; tokens and refusals as for `enrol`. Each call makes another one."""
        call = Call("POST", "/v1/mfa/factors", token=token, json={"totp": {}})
        return PendingApp.read(await self.calls(call))

    async def confirm_app(self, token: str, app: PendingApp, code: str) -> bool:
        """The app's first code, with the same token: it counts now.

        True if the login of a partial token is confirmed by it too, and can be exchanged. `InvalidCode`, `NotFound`
        when it took too long.
        """
        path = f"/v1/mfa/factors/{quote(app.id, safe='')}/confirmation"
        return flag(await self.calls(Call("POST", path, token=token, json={"code": code})), "login_confirmed")

    async def recovery_codes(self, access_token: str) -> tuple[str, ...]:
        """Ten codes, told once; those from before are worth nothing now. `ConfirmAgain` as for `enrol`."""
        return texts(await self.calls(Call("POST", "/v1/mfa/recovery-codes", token=access_token)), "codes")

    async def remove(self, access_token: str, factor_id: str) -> None:
        """The enrolment goes, with all its channels. Refused: `ConfirmAgain`; last_factor (`InvalidRequest`)."""
        path = f"/v1/mfa/factors/{quote(factor_id, safe='')}"
        await self.calls(Call("DELETE", path, FREELY, token=access_token, done_if=(NotFound,)))
