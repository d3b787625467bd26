"""Secrets that we must be able to read again (to sign with, say): sealed in the database, their key outside.

A sealed secret is: version of the key (2 bytes), nonce (12 bytes), AES-256-GCM ciphertext with tag.
"""

import secrets
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from serai.foundation.keys import KeyFolder
from serai.model.errors import SeraiError

_VERSION_BYTES: Final = 2
_NONCE_BYTES: Final = 12


class SecretSeal:
    """Seals and opens the secrets of one purpose.

    folder: of keys. name: of the key in it. make_nonce: gives so many random bytes.
    """

    def __init__(
        self, folder: KeyFolder, name: str, *, make_nonce: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._folder = folder
        self._name = name
        self._make_nonce = make_nonce

    def seal(self, text: str, context: bytes) -> bytes:
        """Seal a text. context: what it belongs to; elsewhere it does not open. Error: `lost-secret`."""
        key = self._folder.current_secret(self._name)
        nonce = self._make_nonce(_NONCE_BYTES)
        sealed = AESGCM(key.value).encrypt(nonce, text.encode(), context)
        return key.version.to_bytes(_VERSION_BYTES) + nonce + sealed

    def open(self, sealed: bytes, context: bytes) -> str:
        """Open what was sealed in this context. Errors: `lost-secret`, `sealed-secret-damaged`."""
        key = self._folder.secret(self._name, int.from_bytes(sealed[:_VERSION_BYTES]))
        nonce = sealed[_VERSION_BYTES : _VERSION_BYTES + _NONCE_BYTES]
        try:
            return AESGCM(key.value).decrypt(nonce, sealed[len(nonce) + _VERSION_BYTES :], context).decode()
        except (InvalidTag, ValueError) as fault:
            raise SeraiError(
                "sealed-secret-damaged",
                f"A sealed secret ({self._name}) does not open: its row or its key was changed.",
                "Put database and key folder back from backups of one time, or make the secret anew.",
            ) from fault
