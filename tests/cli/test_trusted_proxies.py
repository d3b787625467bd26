"""Who has sent is what the network says; a proxy is believed only if the settings name it."""

import asyncio
from typing import Any

import httpx2
import pytest

from serai.cli.web_processes import web_config
from serai.foundation.settings import ServerSettings, Settings


async def _tell_client(scope: Any, _receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["client"][0].encode()})


@pytest.mark.parametrize(
    ("trusted", "peer", "seen"),
    [
        ("", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "203.0.113.9"),
        ("10.1.0.0/16 ::1", "10.1.2.3", "203.0.113.9"),
        ("10.1.0.0/16 ::1", "10.2.2.3", "10.2.2.3"),
    ],
)
def test_a_proxy_is_believed_only_if_it_is_named(trusted: str, peer: str, seen: str) -> None:
    config = web_config(Settings(server=ServerSettings(trusted_proxies=trusted)), _tell_client)
    config.load()

    async def ask() -> str:
        transport = httpx2.ASGITransport(app=config.loaded_app, client=(peer, 5000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://customs.example") as client:
            # What a sender wrote himself stands in front; the last hop is the proxy's own word.
            sent = {"x-forwarded-for": "198.51.100.1, 203.0.113.9"}
            return (await client.get("/", headers=sent)).text

    assert asyncio.run(ask()) == seen
