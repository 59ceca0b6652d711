"""The list of all: what befalls one system, then what befalls one whose stores have somebody to take over."""

from tests.chaos import failover
from tests.chaos.faults import FAULTS as ALONE
from tests.chaos.faults import Fault

FAULTS: dict[str, Fault] = {
    **ALONE,
    "HA: Sentinel's master killed (-9)": failover.valkey_master("sentinel"),
    "HA: Sentinel's master silent for six seconds": failover.valkey_master("sentinel", pause=6.0),
    "HA: a master of a Cluster killed (-9)": failover.valkey_master("cluster"),
    # The last one: the system stays where it has gone.
    "HA: PostgreSQL's primary killed (-9)": failover.postgres_primary,
}
