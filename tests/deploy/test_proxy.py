"""The proxy as it is deployed, before a server as we run it: who has sent, streams, what is not outside's."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from serai.cli.web_processes import web_config
from serai.foundation.settings import ServerSettings, Settings
from tests.deploy.programs import DEPLOY, program


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Say who has sent and by which scheme, then each part of the body as it comes."""
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    about = f"{scope['client'][0]} {scope['scheme']} {b' '.join(forwarded).decode()}\n"
    await send({"type": "http.response.body", "body": about.encode(), "more_body": True})
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        await send({"type": "http.response.body", "body": message.get("body", b""), "more_body": more})


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the proxy, with TLS; behind it the server with our own settings of it."""
    nginx = program("nginx")
    config = web_config(Settings(server=ServerSettings(trusted_proxies="127.0.0.1")), application)
    config.lifespan, config.loop = "off", "asyncio"
    server = uvicorn.Server(config)
    behind = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([behind])), daemon=True)
    thread.start()
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    folder: Path = tmp_path_factory.mktemp("nginx")
    _write_certificate(folder)
    changes = {
        "172.31.255.20:8000": f"127.0.0.1:{behind.getsockname()[1]}",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "/etc/nginx/certificates": str(folder),
        "/tmp/nginx-": f"{folder}/",
    }
    for file in (DEPLOY / "nginx").iterdir():
        words = file.read_text()
        for old, new in changes.items():
            words = words.replace(old, new)
        (folder / file.name).write_text(words)
    command = [nginx, "-c", str(folder / "nginx.conf"), "-g", f"pid {folder}/pid; daemon off;"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while not _answers(port):
            assert time.monotonic() < end, "the proxy does not answer"
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)
        server.should_exit = True
        thread.join(20)


def _write_certificate(folder: Path) -> None:
    """Write one that the test alone believes."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    today = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    dated = made.not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
    certificate = dated.sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "privkey.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def ask(port: int, path: str, **headers: str) -> httpx2.Response:
    """Ask once, through no other proxy."""
    with httpx2.Client(
        base_url=f"https://127.0.0.1:{port}", timeout=20, trust_env=False, verify=False
    ) as client:
        return client.get(path, headers=headers)


def _answers(port: int) -> bool:
    with contextlib.suppress(httpx2.TransportError):
        return ask(port, "/").status_code == 200
    return False


def test_the_senders_address_is_the_networks_whatever_the_sender_says(proxy: int) -> None:
    answer = ask(proxy, "/", **{"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9"})

    assert answer.text == "127.0.0.1 https 127.0.0.1\n"


def test_answers_come_while_the_file_is_still_sent(proxy: int) -> None:
    context = ssl._create_unverified_context()
    with (
        socket.create_connection(("127.0.0.1", proxy), timeout=20) as plain,
        context.wrap_socket(plain) as connection,
    ):
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nline 1\r\n"
        )
        answer = b""
        while b"line 1" not in answer:
            part = connection.recv(4096)
            assert part, "the proxy waits for the end of the body"
            answer += part
        connection.sendall(b"6\r\nline 2\r\n0\r\n\r\n")
        while b"line 2" not in answer:
            answer += connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_figures_are_not_for_outside(proxy: int) -> None:
    assert [ask(proxy, path).status_code for path in ("/metrics", "/readyz")] == [404, 200]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_only_sound_versions_of_tls_are_spoken(proxy: int) -> None:
    old = ssl._create_unverified_context()
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")

    with (
        socket.create_connection(("127.0.0.1", proxy), timeout=20) as plain,
        pytest.raises(ssl.SSLError),
        old.wrap_socket(plain),
    ):
        pass
