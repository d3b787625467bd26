"""Compact JSON Web Signatures: the vector of RFC 8037, what others verify, and what is refused."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from serai.foundation.jws import encode_part, publish_key, read_compact, sign_compact
from serai.foundation.keys import SigningKey

# RFC 8037, appendix A.1 and A.4.
PRIVATE = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
PUBLIC = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
VECTOR = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.from_private_bytes(urlsafe_b64decode(PRIVATE + "=")))


def test_we_sign_and_verify_as_the_standard_does(key: SigningKey) -> None:
    head, payload, signature = VECTOR.split(".")

    assert encode_part(key.public_key) == PUBLIC == publish_key(key.public_key, "k").x
    assert encode_part(key.sign(f"{head}.{payload}".encode())) == signature


def test_what_we_sign_is_verified_without_our_code(key: SigningKey) -> None:
    word = sign_compact(b'{"a":1}', key, kid="log+1234", typ="serai-quote")
    head, payload, signature = (urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in word.split("."))

    Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, word.rpartition(".")[0].encode())
    assert json.loads(head) == {"alg": "Ed25519", "kid": "log+1234", "typ": "serai-quote"}
    assert payload == b'{"a":1}'


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_letter_is_taken(payload: bytes, place: int, change: int) -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(urlsafe_b64decode(PRIVATE + "=")))
    word = sign_compact(payload, key, kid="k", typ="t").encode()
    place %= len(word)
    changed = word[:place] + bytes([word[place] ^ change]) + word[place + 1 :]
    whole = read_compact(word.decode())
    taken = read_compact(changed.decode("latin-1"))

    assert whole is not None
    assert whole.payload == payload
    assert whole.is_signed_by(key.public_key)
    # Blanks around the whole are nothing; all else is.
    assert taken is None or not taken.is_signed_by(key.public_key)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "EdDSA", "kid": "k", "typ": "t"},
        {"alg": "none", "kid": "k", "typ": "t"},
        {"alg": "HS256", "kid": "k", "typ": "t"},
        {"alg": "Ed25519", "kid": "k", "typ": "t", "crit": ["b64"], "b64": False},
        {"alg": "Ed25519", "kid": "k", "typ": "t", "jwk": {"kty": "OKP"}},
        {"alg": "Ed25519"},
        [],
    ],
)
def test_a_header_that_could_mean_something_else_is_refused(key: SigningKey, header: object) -> None:
    head = urlsafe_b64encode(msgspec.json.encode(header)).rstrip(b"=").decode()
    signed = f"{head}.{encode_part(b'x')}"

    assert read_compact(f"{signed}.{encode_part(key.sign(signed.encode()))}") is None


@pytest.mark.parametrize(
    "text", ["", "a.b", "e30.e30.e30", "a.b.c.d", "é.b.c", "ab==.ab.ab", "a.b.c\n.", ".."]
)
def test_what_is_no_signature_is_none(text: str) -> None:
    assert read_compact(text) is None
