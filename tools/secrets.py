"""`python -m tools.secrets`: writes `.env` and the secret files of docker-compose.yml, once; never overwrites.

The embedded stack makes its secrets with the same functions.
"""

import argparse
import base64
import os
import secrets
import shutil
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tools.authy_simulator import API_KEY

ROLES = ("auth_owner", "auth", "twofactor_owner", "twofactor")
# What each process may touch in Valkey: its own keys, the one channel on which twofactor tells of challenges and the
# gateway listens, the one stream in which auth tells of ended sessions and the others read, and the one in which
# twofactor tells auth whose password is in other hands, which the gateway cannot even read. Only who tells may
# publish or write: a gateway that is broken into tells waiting browsers nothing and brings no session back.
VALKEY_RIGHTS = {
    "auth": "~auth:* %R~twofactor:disavowals resetchannels",
    "twofactor": "~twofactor:* %R~auth:ended resetchannels &twofactor:*",
    "gateway": "~gateway:* %R~auth:ended resetchannels &twofactor:* -publish -spublish",
}
# Even the names of others' keys are theirs: they hold logins and the vendor's ids of people.
VALKEY_COMMANDS = "+@all -@admin -@dangerous +info -scan -randomkey -dbsize -function -script|flush -script|kill"


def password() -> str:
    """256 bits that need no escaping in an address."""
    return secrets.token_hex(32)


def encryption_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def signing_key() -> str:
    """A P-256 key as PEM."""
    private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def valkey_users(passwords: dict[str, str]) -> str:
    """An ACL file: one user a service, nobody else (but a `default` that can only be pinged by a health check)."""
    users = [
        # In this order: what `rights` takes away stays away.
        f"user {name} on >{passwords[name]} {VALKEY_COMMANDS} {rights}"
        for name, rights in VALKEY_RIGHTS.items()
    ]
    return "\n".join(["user default on nopass resetkeys resetchannels -@all +ping", *users, ""])


def compose_secrets() -> dict[str, str]:
    """The content of every secret file, by file name."""
    roles = {role: password() for role in ROLES}
    users = {user: password() for user in VALKEY_RIGHTS}
    urls = {
        f"{role}_database_url": f"postgresql://{role}:{word}@postgres:5432/countersign" for role, word in roles.items()
    }
    redis = {f"{user}_redis_url": f"redis://{user}:{word}@valkey:6379/0" for user, word in users.items()}
    return {
        **urls,
        **redis,
        "database_roles": "".join(f"\\set {role}_password '{word}'\n" for role, word in roles.items()),
        "postgres_password": password(),
        "valkey_users": valkey_users(users),
        "auth_key_encryption_key": encryption_key(),
        "twofactor_key_encryption_key": encryption_key(),
        "gateway_assertion_key": signing_key(),
        "service_clients": f"demo:{password()}\n",
        "authy_api_key": API_KEY,
    }


def write_once(path: Path, content: str) -> bool:
    """Writes a file unless it exists; answers whether it wrote.

    Its folder is closed to others (0700). The file itself is not: compose mounts it into a container as it is, and the
    user there is another than its owner here.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(content)
    return True


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(), help="where docker-compose.yml stands")
    folder = parser.parse_args().folder
    (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
    present = {path.name for path in (folder / "secrets").iterdir()}
    wanted = compose_secrets()
    if present and present < set(wanted):
        missing = ", ".join(sorted(set(wanted) - present))
        print(
            f"secrets/ lacks {missing}. These belong together: add them by hand, or remove secrets/ and start anew.",
            file=sys.stderr,
        )
        return 1
    written = [name for name, content in wanted.items() if write_once(folder / "secrets" / name, content)]
    if not (folder / ".env").exists():
        shutil.copyfile(folder / ".env.example", folder / ".env")
        written.append(".env")
    print(
        f"wrote {len(written)} files: .env and secrets/"
        if written
        else "nothing to do: .env and secrets/ exist and are kept"
    )
    if written:
        print("secrets/authy_api_key holds the simulator's key; put yours there before you serve people.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
