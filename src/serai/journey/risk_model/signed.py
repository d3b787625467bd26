"""Who signed a model's file: a node takes into force only what its own key has signed."""

from collections.abc import Collection
from typing import Final

from serai.foundation.jws import SignsBytes, read_compact, sign_compact
from serai.journey.risk_model.model_file import Manifest, split_model_file, with_signature
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

SIGNED_TYPE: Final = "serai-risk-model"
"""A signature of something else with the same key is none of a model."""


def sign_model(file: bytes, signer: SignsBytes, kid: str) -> bytes:
    """Return the file with a signature of its manifest, which names the hash of its content."""
    signed = split_model_file(file).signed
    return with_signature(file, sign_compact(signed, signer, kid=kid, typ=SIGNED_TYPE))


def require_signed(file: bytes, public_keys: Collection[bytes]) -> Manifest:
    """Return the manifest of a file that one of the keys (32 bytes each) has signed. Raises SeraiError
    `risk-model-unsigned` and what `split_model_file` raises."""
    one = split_model_file(file)
    signature = None if one.signature is None else read_compact(one.signature)
    if (
        signature is None
        or signature.typ != SIGNED_TYPE
        or signature.payload != one.signed
        or not any(signature.is_signed_by(key) for key in public_keys)
    ):
        raise SeraiError(
            "risk-model-unsigned",
            MessageText("The risk model is not signed with a key of this node."),
            MessageText("Look at how it was trained, then sign it with `serai risk sign` on this node."),
        )
    return one.manifest
