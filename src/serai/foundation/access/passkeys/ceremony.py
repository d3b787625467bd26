"""What a browser is asked and what it answers, checked by the rules of WebAuthn (level 2, 7.1 and 7.2)."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from serai.model.errors import SeraiError

_LOCALHOST = "localhost"


class Attested(NamedTuple):
    """A new passkey. credential: id and public key, as the authenticator wrote them."""

    credential_id: bytes
    credential: bytes
    sign_count: int


class Signed(NamedTuple):
    """An answer that holds. is_verified: whether the authenticator knew its person (PIN, finger, face)."""

    sign_count: int
    is_verified: bool


class Ceremony:
    """Asks and checks for one address. public_url: of the pages; empty: a developer's machine, by
    `localhost`.

    name: of the administration, as authenticators show it.
    """

    def __init__(self, public_url: str, name: str) -> None:
        self._address = urlsplit(public_url)
        host = self._address.hostname or _LOCALHOST
        self._server = Fido2Server(
            PublicKeyCredentialRpEntity(id=host, name=name), verify_origin=self._is_ours
        )

    def ask_to_register(
        self, account_id: int, sign_in_name: str, known: Sequence[bytes], challenge: bytes
    ) -> dict[str, Any]:
        """Return what `navigator.credentials.create` is given. known: credentials that the account has."""
        user = PublicKeyCredentialUserEntity(
            id=account_id.to_bytes(8), name=sign_in_name, display_name=sign_in_name
        )
        options, _ = self._server.register_begin(
            user,
            [AttestedCredentialData(one) for one in known],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
            challenge=challenge,
        )
        return dict(options)

    def check_registered(self, answer: str, challenge: bytes) -> Attested:
        """Return the new passkey. Error: `passkey-unfit`."""
        try:
            checked = self._server.register_complete(_state(challenge, is_strict=True), _decode(answer))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise unfit() from fault
        credential = checked.credential_data
        if credential is None:
            raise unfit()
        return Attested(credential.credential_id, bytes(credential), checked.counter)

    def ask_to_sign(self, known: Sequence[bytes], challenge: bytes, *, is_strict: bool) -> dict[str, Any]:
        """Return what `navigator.credentials.get` is given. known: those that will do; none: any that the
        browser has. is_strict: the authenticator must know its person."""
        options, _ = self._server.authenticate_begin(
            [AttestedCredentialData(one) for one in known] or None,
            user_verification=_verification(is_strict=is_strict),
            challenge=challenge,
        )
        return dict(options)

    def credential_id_of(self, answer: str) -> bytes:
        """Return which passkey has answered. Error: `passkey-unfit`."""
        try:
            return bytes(AuthenticationResponse.from_dict(_decode(answer)).raw_id)
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise unfit() from fault

    def check_signed(
        self, answer: str, credential: bytes, account_id: int, challenge: bytes, *, is_strict: bool
    ) -> Signed:
        """Check an answer against the passkey that it names. Error: `passkey-unfit`."""
        try:
            said = _decode(answer)
            state = _state(challenge, is_strict=is_strict)
            self._server.authenticate_complete(state, [AttestedCredentialData(credential)], said)
            response = AuthenticationResponse.from_dict(said).response
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise unfit() from fault
        if response.user_handle and bytes(response.user_handle) != account_id.to_bytes(8):
            raise unfit()
        data = response.authenticator_data
        return Signed(data.counter, data.is_user_verified())

    def _is_ours(self, origin: str) -> bool:
        """Say whether a page of ours has asked: scheme, host and port, all of them."""
        said = urlsplit(origin)
        if not self._address.hostname:
            return said.scheme == "http" and said.hostname == _LOCALHOST
        return (said.scheme, said.hostname, _port(said)) == (
            self._address.scheme,
            self._address.hostname,
            _port(self._address),
        )


def _port(address: Any) -> int:
    return address.port or (443 if address.scheme == "https" else 80)


def _state(challenge: bytes, *, is_strict: bool) -> dict[str, Any]:
    return {
        "challenge": websafe_encode(challenge),
        "user_verification": _verification(is_strict=is_strict),
    }


def _verification(*, is_strict: bool) -> UserVerificationRequirement:
    return UserVerificationRequirement.REQUIRED if is_strict else UserVerificationRequirement.PREFERRED


def _decode(answer: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.DecodeError as fault:
        raise unfit() from fault


def unfit() -> SeraiError:
    """Say that an answer does not hold; not why, which helps only whoever forges one."""
    return SeraiError(
        "passkey-unfit",
        "This is not what a passkey of this account signs here, or it was asked too long ago.",
        "Try again; or sign in with your password.",
    )
