"""A signer for tests: an Ed25519 key made from a seed."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class SeedSigner:
    def __init__(self, seed: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big"))
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes, /) -> bytes:
        return self._key.sign(message)
