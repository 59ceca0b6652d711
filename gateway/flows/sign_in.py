"""Sign in: the first factor, and what may follow it."""

from dataclasses import dataclass

from gateway.model.client import ClientContext
from gateway.model.errors import Refusal
from gateway.model.factor import Factor
from gateway.model.tokens import PartialLogin
from gateway.ports import Credentials
from gateway.ports_of_second_factor import SecondFactor


@dataclass(frozen=True)
class BegunLogin:
    """A login that lacks its second factor; `enrolment` says why the phone could not be enrolled."""

    partial: PartialLogin
    factors: tuple[Factor, ...]
    enrolment: Refusal | None = None

    @property
    def status(self) -> str:
        """What comes next: `mfa_required`, or `enrolment_required` while nothing is enrolled."""
        return "mfa_required" if self.factors else "enrolment_required"


@dataclass(frozen=True)
class SignIn:
    """E-mail and password."""

    credentials: Credentials
    second_factor: SecondFactor

    async def __call__(self, email: str, password: str, client: ClientContext) -> BegunLogin:
        """Raises `InvalidCredentials` and what twofactor may refuse."""
        partial = await self.first(email, password, client)
        factors = await self.second_factor.factors(partial.token)
        return BegunLogin(partial, tuple(factors))

    async def first(self, email: str, password: str, client: ClientContext) -> PartialLogin:
        """The first factor alone; raises `InvalidCredentials`."""
        return await self.credentials.login(email, password, client)


@dataclass(frozen=True)
class SignUp:
    """A new account, with its phone if one is given."""

    credentials: Credentials
    second_factor: SecondFactor

    async def __call__(
        self, email: str, password: str, client: ClientContext, phone: tuple[str, str] | None = None
    ) -> BegunLogin:
        """`phone` is (country code, number). Raises `EmailTaken`, `WeakPassword`, `InvalidInput`, `LimitReached`."""
        partial = await self.credentials.register(email, password, client)
        if phone is None:
            return BegunLogin(partial, ())
        try:
            factors = await self.second_factor.enrol(partial.token, *phone)
        except Refusal as refused:
            # The account stands; signing in leads back to enrolment, never past it.
            return BegunLogin(partial, (), refused)
        return BegunLogin(partial, tuple(factors))
