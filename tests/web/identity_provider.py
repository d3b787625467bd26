"""A provider of identities made of Authlib's own server parts, on Flask, for the tests; told to, it lies."""

import base64
import hmac
import threading
from typing import Any

import msgspec
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import grants as oidc_grants
from flask import Flask, Response, jsonify
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.serving import make_server

CLIENT_ID, SECRET = "serai-tests", "a secret of the tests"


class Mischief(msgspec.Struct):
    """What a provider that was broken into says instead of the truth. claims: in the place of its own; alg:
    with what it signs; key: another than it publishes; iss: in the address that leads back; size: of the
    description; description: in the place of its own."""

    claims: dict[str, Any] = {}
    alg: str = ""
    has_other_key: bool = False
    iss: str | None = None
    padding_bytes: int = 0
    description: dict[str, Any] = {}


class _Client(ClientMixin):  # type: ignore[misc]
    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope if scope == "openid" else ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return "/sign-in/at/" in redirect_uri and redirect_uri.endswith("/back")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class _Code(AuthorizationCodeMixin):  # type: ignore[misc]
    def __init__(self, code: str, payload: Any, user: str) -> None:
        self.code, self.user = code, user
        self.redirect_uri, self.scope = payload.redirect_uri, payload.scope
        self.nonce: str | None = payload.data.get("nonce")
        self.code_challenge = payload.data.get("code_challenge")
        self.code_challenge_method = payload.data.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return str(self.redirect_uri)

    def get_scope(self) -> str:
        return str(self.scope)

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class IdentityProvider:
    """A provider that runs in a thread. user: whose browser is there; amr: how it says they signed in."""

    def __init__(self) -> None:
        self.user, self.amr, self.mischief = "subject-1", ["pwd"], Mischief()
        self.key, self.other_key = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
        self.codes: dict[str, _Code] = {}
        app = Flask(__name__)
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._route(app)

    def __enter__(self) -> "IdentityProvider":
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Answer no more; again is harmless."""
        if not self._thread.is_alive():
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _route(self, app: Flask) -> None:
        server = AuthorizationServer(app, query_client=self._find_client, save_token=lambda *_: None)
        server.register_grant(_grant_of(self), [_openid_of(self), CodeChallenge(required=True)])

        @app.get("/.well-known/openid-configuration")
        def describe() -> Response:
            found = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "padding": "x" * self.mischief.padding_bytes,
            }
            return jsonify(found | self.mischief.description)

        @app.get("/jwks")
        def show_keys() -> Response:
            return jsonify({"keys": [self.key.as_dict(private=False)]})

        @app.get("/authorize")
        def authorize() -> Any:
            grant = server.get_consent_grant(end_user=self.user)
            answer = server.create_authorization_response(grant=grant, grant_user=self.user)
            if self.mischief.iss is not None:
                answer.headers["Location"] += f"&iss={self.mischief.iss}"
            return answer

        @app.post("/token")
        def give_token() -> Any:
            return server.create_token_response()

    def _find_client(self, client_id: str) -> _Client | None:
        return _Client() if client_id == CLIENT_ID else None

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign what is said, as the mischief wants it."""
        claims = {name: value for name, value in (claims | self.mischief.claims).items() if value is not None}
        alg = self.mischief.alg or "ES256"
        if alg in {"none", "HS256"}:
            head = f"{_part(msgspec.json.encode({'alg': alg}))}.{_part(msgspec.json.encode(claims))}"
            # The key that everybody knows, as if it were a shared secret.
            signature = hmac.digest(self.key.as_pem(private=False), head.encode(), "sha256")
            return f"{head}.{'' if alg == 'none' else _part(signature)}"
        key = self.other_key if self.mischief.has_other_key else self.key
        return jwt.encode({"alg": alg, "kid": str(self.key.thumbprint())}, claims, key)


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _grant_of(provider: IdentityProvider) -> Any:
    class Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - as Authlib has it

        def save_authorization_code(self, code: str, asked: Any) -> None:
            provider.codes[code] = _Code(code, asked.payload, asked.user)

        def query_authorization_code(self, code: str, _client: Any) -> _Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, code: _Code) -> None:
            del provider.codes[code.code]

        def authenticate_user(self, code: _Code) -> str:
            return code.user

    return Grant


def _openid_of(provider: IdentityProvider) -> Any:
    class OpenId(oidc_grants.OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, _nonce: str, _asked: Any) -> bool:
            return False

        def get_client_claims(self, _client: Any) -> dict[str, Any]:
            return {"iss": provider.issuer, "aud": [CLIENT_ID], "amr": provider.amr}

        def encode_id_token(self, _token: Any, asked: Any) -> str:
            claims = self.get_compatible_claims(asked)
            claims |= self.get_authorization_code_claims(asked.authorization_code)
            # An e-mail address is told, too: it must link nothing.
            return provider.sign(claims | {"sub": asked.user, "email": "oidc-staff"})

    return OpenId()
