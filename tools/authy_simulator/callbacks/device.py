"""The ``device`` object of an answered request, in its 2019 format."""

from tools.authy_simulator.model.approval import Approval
from tools.authy_simulator.model.person import Person


def device_of(person: Person, approval: Approval) -> dict[str, object]:
    """An Android phone, unlocked by PIN as the request was answered. Addresses are of RFC 5737."""
    registered = int(person.created_at.timestamp())
    unlocked = int(approval.answered_at.timestamp()) if approval.answered_at else None
    return {
        "city": None,
        "country": None,
        "enabled_unlock_methods": ["pin", "fingerprint"],
        "ip": "203.0.113.25",
        "last_unlock_method_used": "pin",
        "region": None,
        "registration_city": None,
        "registration_country": None,
        "registration_ip": "203.0.113.25",
        "registration_method": "sms",
        "registration_region": None,
        "os_type": "android",
        "last_account_recovery_at": None,
        "multidevice_enabled": True,
        "multidevice_updated_at": registered,
        "id": person.device_id,
        "registration_date": registered,
        "last_sync_date": unlocked or registered,
        "last_unlock_date": unlocked,
    }
