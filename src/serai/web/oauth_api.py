"""Machines that sign: an assertion is exchanged for a token (RFC 6749, 7523), and where (RFC 8414)."""

import time
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Body

from serai.foundation.access.client_credentials import ALGORITHMS, ClientRefusedError
from serai.foundation.access.table import SCOPES
from serai.foundation.http.guards import OWN_FORM_CHECK
from serai.foundation.http.problem_texts import text_in
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of, language_of
from serai.foundation.settings import Settings
from serai.web.administering_api import AnyRequest

_OPT: Final = {"act": "session.enter", OWN_FORM_CHECK: True}
"""It knows its askers by what they have signed, and looks at no cookie: there is nothing to protect."""
_GRANT: Final = "client_credentials"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_NO_STORE: Final = {"cache-control": "no-store", "pragma": "no-cache"}


class TokenRequest(msgspec.Struct, frozen=True):
    """An assertion to be exchanged, as a form. scope: words with blanks between; "": all that the key may."""

    grant_type: str = ""
    client_assertion_type: str = ""
    client_assertion: str = ""
    scope: str = ""


class TokenOut(msgspec.Struct, frozen=True):
    """A token of some minutes, sent as `Authorization: Bearer` like a key (RFC 6749, 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class TokenRefused(msgspec.Struct, frozen=True):
    """Why there is no token, by a word of RFC 6749, 5.2, and in a sentence."""

    error: str
    error_description: str


class AuthorizationServer(msgspec.Struct, frozen=True):
    """Where and how tokens are given (RFC 8414)."""

    issuer: str
    token_endpoint: str
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    scopes_supported: list[str]
    response_types_supported: list[str]


@post(
    "/oauth/token",
    opt=_OPT,
    status_code=200,
    summary="Exchange an assertion that a machine has signed for a token.",
    responses={
        200: ResponseSpec(TokenOut, description="The token", generate_examples=False),
    },
)
async def exchange_assertion(
    request: AnyRequest,
    data: Annotated[TokenRequest, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """The client is a key of a party that was registered with a public key (`jwk`); its number is issuer and
    subject. Each assertion counts once. Why there is no token is told as RFC 6749 (5.2) has it, `error` and
    `error_description` in application/json, with 400 or 401."""
    if data.grant_type != _GRANT:
        return _refuse("unsupported_grant_type", f"Only {_GRANT} is offered here.")
    if data.client_assertion_type != _ASSERTION or not data.client_assertion:
        return _refuse("invalid_request", "Send client_assertion and its type (RFC 7523, 2.2).")
    kit, issuer = kit_of(request), _issuer(request)
    try:
        token = await kit.clients.exchange(
            data.client_assertion,
            frozenset({issuer, f"{issuer}/oauth/token"}),
            data.scope,
            kit.clock.now(),
            time.monotonic(),
        )
    except ClientRefusedError as error:
        status = 401 if error.error == "invalid_client" else 400
        return _refuse(error.error, text_in(error.texts[0], language_of(request)), status=status)
    out = TokenOut(token.text, "Bearer", int(token.lasts.total_seconds()), " ".join(token.scopes))
    return Response(out, headers=_NO_STORE)


@get(
    "/.well-known/oauth-authorization-server",
    opt={"act": "public.read"},
    summary="Where and how machines get tokens.",
)
async def read_authorization_server(request: AnyRequest) -> AuthorizationServer:
    """As RFC 8414 has it."""
    issuer = _issuer(request)
    return AuthorizationServer(
        issuer=issuer,
        token_endpoint=f"{issuer}/oauth/token",
        grant_types_supported=[_GRANT],
        token_endpoint_auth_methods_supported=["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported=[*ALGORITHMS],
        scopes_supported=sorted(SCOPES),
        response_types_supported=[],
    )


ROUTES = [exchange_assertion, read_authorization_server]


def _issuer(request: AnyRequest) -> str:
    """Return the address that assertions are made out to, as the settings have it; on a machine without one,
    that of the request."""
    public = provided(request, Settings).server.public_url.rstrip("/")
    return public or str(request.base_url).rstrip("/")


def _refuse(error: str, description: str, *, status: int = 400) -> Response[TokenRefused]:
    return Response(TokenRefused(error, description), status_code=status, headers=_NO_STORE)
