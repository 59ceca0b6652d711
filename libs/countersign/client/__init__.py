"""The API of Countersign, typed: sign people in, hold their sessions, ask what a token is worth.

    api = Countersign(http, "https://id.example.com")        http: an aiohttp.ClientSession
    api.accounts     register  login  change_password  renew_password         a password becomes a partial token
    api.factors      list  enrol  begin_app  confirm_app  recovery_codes  remove
    api.challenges   open  show  wait  follow  answer  cancel the question to the phone, and its answer
    api.tokens       exchange  confirm  recover  refresh  for_service  revoke  introspect
    api.sessions     list  end  end_current  end_others  end_all  disavow

What may be repeated is repeated, with pauses that grow and differ, within one budget of time (`Patience`), and never
sooner than the server's Retry-After: reading, ending, exchanging the same partial token, refreshing within seconds. A
login, a registration, an opened challenge and a code are sent once: after a lost answer you decide.

    ApiError                  .status .code .detail .members .retry_after
      |- Unavailable          no answer, or none that helps: try later
      |    |- NotSent           the server has seen nothing of this call
      |    `- UnexpectedAnswer  this is not the API
      |- TooMany              wait .retry_after
      |- InvalidRequest       to repeat it changes nothing
      |    `- NotFound
      |- NotAuthenticated     password, token or client secret is not believed
      |- NotPermitted         known, and may not
      |- ConfirmAgain         needs a second factor, or one just now
      |- EnrolmentRequired    no factor yet
      |- FactorUnavailable    choose another way
      |- ChallengePending     .challenge_id is open
      |- InvalidCode          .tries_left
      |- LoginPending         wait, then exchange again
      |- NewPasswordDue       .password_token: accounts.renew_password, then there is a session
      `- LoginOver            start again
           |- Denied            the person said no
           `- LoginExpired      nobody answered in time
"""

from aiohttp import ClientSession

from countersign.client.accounts import Accounts, Factors, Phone
from countersign.client.answers import BegunLogin, Challenge, ChallengeStatus, Factor, PartialLogin, PendingApp
from countersign.client.calls import Calls
from countersign.client.challenges import Challenges
from countersign.client.credentials import ClientCredentials, ClientSecret, PrivateKeyJwt
from countersign.client.errors import (
    ApiError,
    ChallengePending,
    ConfirmAgain,
    Denied,
    EnrolmentRequired,
    FactorUnavailable,
    InvalidCode,
    InvalidRequest,
    LoginExpired,
    LoginOver,
    LoginPending,
    NewPasswordDue,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    NotSent,
    TooMany,
    Unavailable,
    UnexpectedAnswer,
)
from countersign.client.grants import Grant, Introspection, OpenSession
from countersign.client.sessions import Sessions
from countersign.client.tokens import Tokens
from countersign.patience import Patience

__all__ = [
    "ApiError",
    "BegunLogin",
    "Challenge",
    "ChallengePending",
    "ChallengeStatus",
    "ClientCredentials",
    "ClientSecret",
    "ConfirmAgain",
    "Countersign",
    "Denied",
    "EnrolmentRequired",
    "Factor",
    "FactorUnavailable",
    "Grant",
    "Introspection",
    "InvalidCode",
    "InvalidRequest",
    "LoginExpired",
    "LoginOver",
    "LoginPending",
    "NewPasswordDue",
    "NotAuthenticated",
    "NotFound",
    "NotPermitted",
    "NotSent",
    "OpenSession",
    "PartialLogin",
    "Patience",
    "PendingApp",
    "Phone",
    "PrivateKeyJwt",
    "TooMany",
    "Unavailable",
    "UnexpectedAnswer",
]


class Countersign:
    """The API at `url`, the public address; `client` are this service's own credentials, where it has any."""

    def __init__(
        self,
        http: ClientSession,
        url: str,
        *,
        client: ClientCredentials | None = None,
        patience: Patience | None = None,
    ) -> None:
        calls = Calls(http, url, patience)
        self.accounts = Accounts(calls)
        self.factors = Factors(calls)
        self.challenges = Challenges(calls)
        self.tokens = Tokens(calls, client)
        self.sessions = Sessions(calls)
