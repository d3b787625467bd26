"""Keys of this node, in a folder outside the database: the log's signing key and named secrets."""

import re
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from serai.foundation.key_files import check_private, open_key_folder, write_once
from serai.model.errors import SeraiError

SECRET_BYTES = 32
_SIGNING_FILE = "signing.pem"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")


class SigningKey:
    """The Ed25519 key that signs the log. It shows its public part only."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self.public_key = private_key.public_key().public_bytes_raw()

    def sign(self, content: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `content` (RFC 8032)."""
        return self._private_key.sign(content)

    def __repr__(self) -> str:
        return f"SigningKey(public_key={self.public_key.hex()})"


class Secret(msgspec.Struct, frozen=True):
    """A named secret of 32 bytes. version: counts from 1."""

    name: str
    version: int
    value: bytes

    def __repr__(self) -> str:
        return f"Secret({self.name!r}, version={self.version}, value=***)"


class KeyFolder:
    """The folder of keys (`<data>/keys`): mode 0700, files 0600, each written whole or not at all.

    It belongs into its own backup, apart from the database's.
    """

    def __init__(self, folder: Path) -> None:
        """Open the folder, made when missing. Raises SeraiError `key-folder-open` if others can reach it."""
        self._folder = folder
        open_key_folder(folder)

    def signing_key(self, known_public_keys: Collection[bytes]) -> SigningKey:
        """Return the log's signing key, made at the very first call.

        known_public_keys: the public parts in force that the database knows (32 bytes each); empty before
        the first start. Raises SeraiError `lost-signing-key` when it is missing, unreadable or another than
        the known one: a new key made in silence would make old receipts look false.
        """
        path = self._folder / _SIGNING_FILE
        if not path.exists():
            if known_public_keys:
                raise _lost_signing_key(f"{path} is missing")
            write_once(path, _new_signing_pem())
        key = _read_signing_key(path)
        if known_public_keys and key.public_key not in known_public_keys:
            raise _lost_signing_key(f"{path} holds another key than the log was signed with")
        return key

    def current_secret(self, name: str, *, version_known: int = 0) -> Secret:
        """Return the newest version of a named secret; version 1 is made at the first call.

        name: e.g. `pseudonym-quota`. version_known: the highest version that stored data was made with.
        Raises SeraiError `lost-secret` if the folder does not reach it.
        """
        version = max(self._versions(name), default=0)
        if version < version_known:
            raise _lost_secret(name, version_known)
        return self.secret(name, version) if version else self._add_version(name, 1)

    def secret(self, name: str, version: int) -> Secret:
        """Return a version of a secret that was made before. Raises SeraiError `lost-secret`."""
        path = self._path(name, version)
        if not path.exists():
            raise _lost_secret(name, version)
        check_private(path)
        value = path.read_bytes()
        if len(value) != SECRET_BYTES:
            raise _lost_secret(name, version)
        return Secret(name, version, value)

    def require(self, public_key: bytes, secret_names: Iterable[str]) -> None:
        """Refuse to go on where keys that were there at the start are gone, or others. Makes nothing.

        Errors: `lost-signing-key`, `lost-secret`, `key-folder-open`.
        """
        self.signing_key([public_key])
        for name in secret_names:
            self.current_secret(name, version_known=1)

    def add_secret_version(self, name: str) -> Secret:
        """Make the next version of a secret; older ones stay, for what was made with them."""
        return self._add_version(name, max(self._versions(name), default=0) + 1)

    def _add_version(self, name: str, version: int) -> Secret:
        write_once(self._path(name, version), secrets.token_bytes(SECRET_BYTES))
        # Read back: another process may have been first, and its value counts.
        return self.secret(name, version)

    def _versions(self, name: str) -> list[int]:
        return [int(path.suffix[1:]) for path in self._folder.glob(f"{_checked(name)}.secret.*")]

    def _path(self, name: str, version: int) -> Path:
        return self._folder / f"{_checked(name)}.secret.{version}"


def _checked(name: str) -> str:
    assert _NAME.fullmatch(name), "a secret's name is written in code: small letters, digits, hyphens"
    return name


def _new_signing_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read_signing_key(path: Path) -> SigningKey:
    check_private(path)
    try:
        private_key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise _lost_signing_key(f"{path} cannot be read as a key") from fault
    if not isinstance(private_key, Ed25519PrivateKey):
        raise _lost_signing_key(f"{path} holds a key of another kind")
    return SigningKey(private_key)


def _lost_signing_key(what: str) -> SeraiError:
    return SeraiError(
        "lost-signing-key",
        f"The log's signing key is lost: {what}.",
        "Put the file back from the keys' backup. Without one, begin another log under a new origin.",
    )


def _lost_secret(name: str, version: int) -> SeraiError:
    return SeraiError(
        "lost-secret",
        f"Version {version} of the secret {name} is missing or damaged.",
        "Put the key folder back from its backup; what was made with the secret needs it.",
    )
