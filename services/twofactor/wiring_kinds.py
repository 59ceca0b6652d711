"""Which kinds of factors there are: a line each. Part of the composition root, like `wiring.py`."""

from dataclasses import dataclass

from chassis.clock import Clock
from services.twofactor.flows.ask_states import AskStates
from services.twofactor.flows.kinds import Kinds
from services.twofactor.flows.match_step import MatchStep
from services.twofactor.flows.require_code import RequireCode
from services.twofactor.flows.send_challenge import SendChallenge
from services.twofactor.kinds.gone import Gone
from services.twofactor.kinds.phones import Phones
from services.twofactor.kinds.recovery import RecoverySets
from services.twofactor.kinds.totp import TotpApps
from services.twofactor.ports import Events, Provider
from services.twofactor.ports_of_kinds import NewCodes, PendingSecrets, RecoveryCodes, Totp, TotpSecrets


@dataclass(frozen=True)
class VendorFree:
    """What the kinds without a vendor stand on."""

    secrets: TotpSecrets
    pending: PendingSecrets
    totp: Totp
    codes: RecoveryCodes
    new_codes: NewCodes


def make_kinds(
    provider: Provider,
    asking: AskStates,
    sending: SendChallenge,
    judging: RequireCode,
    own: VendorFree,
    events: Events,
    clock: Clock,
) -> Kinds:
    """Best first: so they are listed for a channel that more than one would have."""
    known = (
        Phones(provider, asking, sending, judging),
        TotpApps(own.secrets, MatchStep(own.totp, clock)),
        RecoverySets(own.codes, events),
    )
    return Kinds(known, Gone())
