"""Registers an organisation and signs its first manager in, over HTTP as a browser without scripts does."""

import re
import secrets
import time
from email import message_from_bytes, policy
from typing import Final

import httpx2
from tests.browser.served_pages import Served

_PASSWORD: Final = "three unrelated words"  # noqa: S105 nobody's
_PATIENCE_S: Final = 30


def sign_a_manager_in(served: Served, client: httpx2.Client) -> None:
    """Leave `client` with the session of the manager of an organisation of their own."""
    email = f"zelda-{secrets.token_hex(4)}@quux.example"
    given = {"name": "Quux Shop", "country": "CN", "email": email}
    _send(client, "/register", "/register", given)
    link = _link_to(served, email)
    _send(client, link, link, {"email": email, "password": _PASSWORD, "again": _PASSWORD})
    signed_in = _send(
        client, "/sign-in", "/sign-in", {"sign_in_name": email, "password": _PASSWORD, "next": ""}
    )
    assert signed_in.is_success or signed_in.is_redirect, signed_in.text


def _send(client: httpx2.Client, page: str, to: str, given: dict[str, str]) -> httpx2.Response:
    token = re.search(r'name="form_token" value="([^"]*)"', client.get(page).text)
    return client.post(to, data=given | ({"form_token": token[1]} if token else {}))


def _link_to(served: Served, email: str) -> str:
    """Return the link in the message to an address, once it is there."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        for path in (served.folder / "mail").glob("*.eml"):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            found = re.search(r"/confirm/[\w-]+", message.get_content())
            if message["To"] == email and found:
                return found[0]
        time.sleep(0.1)
    raise AssertionError("no message came")
