"""A real node for tests: `serai serve` as a process of its own, with its database, parties and law."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

import msgspec
import psycopg

from serai.foundation.access import parties
from serai.foundation.clock import SystemClock
from serai.foundation.database import Database
from serai.foundation.ids import IdSource
from serai.foundation.node_leases import end_lease, lease_node
from serai.foundation.settings import ServerSettings
from serai.journey.assessment.store import Component, make_component
from serai.journey.law_in_force.service import derive_law
from tests.faults.forked_commands import ForkedCommand, run_forked, start_forked
from tests.laid_out import rows_laid_out

ROOT = Path(__file__).parents[2]
RATES = ROOT / "examples" / "lists" / "invented-exchange-rates.csv"
PATIENCE_S = 60.0
JSON, NDJSON, XML, CSV = "application/json", "application/x-ndjson", "application/xml", "text/csv"

_FOR_ONE_CLIENT = {
    f"SERAI_SERVER_{name.upper()}": str(value)
    for name, value in msgspec.structs.asdict(ServerSettings().for_one_client()).items()
    if value != getattr(ServerSettings(), name)
}
"""Tests ask everything from one address."""
Result = TypeVar("Result")


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.content.splitlines()]


@dataclass
class Serving:
    """A running `serai serve`. folder: its data folder's parent; environment: settings beside the usual."""

    folder: Path
    workers: int = 2
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: ForkedCommand | subprocess.Popen[bytes] | None = None

    # ---- the process ----

    def start(self) -> None:
        """Start it and wait until it answers."""
        if not self.port:
            self.port = _free_port()
        self.process = self.spawn()
        self.await_ready()

    def spawn(self) -> ForkedCommand | subprocess.Popen[bytes]:
        """Start the process without waiting; what it says goes to `serve.log`."""
        return start_forked(
            ["serve", "--workers", str(self.workers), "--port", str(self.port)],
            folder=self.folder,
            environment=self.variables(),
            out=self.log,
            err=self.log,
        )

    def variables(self) -> dict[str, str]:
        """The environment of the node's processes and commands."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SERAI_")}
        return {**clean, **_FOR_ONE_CLIENT, "SERAI_DATA_FOLDER": str(self.data), **self.environment}

    def command(self, *words: str | Path, words_in: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of `serai` for this node. words_in: what it reads from its standard input."""
        return run_forked(
            [str(word) for word in words],
            folder=self.folder,
            environment=self.variables(),
            words_in=words_in,
        )

    def await_ready(self, patience_s: float = PATIENCE_S) -> None:
        """Wait until a request is answered by the application."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"serve ended with {self.process.returncode}: {self.said()}")
            with contextlib.suppress(OSError):
                if self.get("/healthz", timeout_s=10).status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(f"serve did not answer in {patience_s} s: {self.said()}")

    def stop(self) -> None:
        """End it as Ctrl-C would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.process = None

    def web_process_ids(self) -> list[int]:
        """The web processes that serve now."""
        assert self.process is not None
        return [
            web
            for child in _children(self.process.pid)
            if "multiprocessing.forkserver" in _command_line(child)
            for web in _children(child)
        ]

    def database_process_id(self) -> int:
        """The embedded PostgreSQL's first process."""
        return int((self.data / "postgres/data/postmaster.pid").read_text().split()[0])

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-4_000:] if self.log.exists() else ""

    def lines(self) -> list[dict[str, Any]]:
        """What it has told its operator so far. The last line may still be on its way."""
        told = self.log.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in told if line.endswith("\n")]

    # ---- HTTP ----

    def connect(self, timeout_s: float = 60) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)

    def send(
        self,
        content: bytes,
        key: str | None,
        media_type: str = JSON,
        *,
        path: str = "/v1/declarations",
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 60,
    ) -> Reply:
        """POST a body. An early answer counts, also when the server then stops reading."""
        connection = self.connect(timeout_s)
        try:
            sent = {"content-type": media_type, **({"authorization": f"Bearer {key}"} if key else {})}
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request("POST", path, content, {**sent, **(headers or {})})
            return _reply(connection)
        finally:
            connection.close()

    def get(self, path: str, key: str | None = None, *, timeout_s: float = 60) -> Reply:
        connection = self.connect(timeout_s)
        try:
            connection.request("GET", path, headers={"authorization": f"Bearer {key}"} if key else {})
            return _reply(connection)
        finally:
            connection.close()

    # ---- the database, as an operator reaches it ----

    @property
    def dsn(self) -> str:
        if dsn := self.environment.get("SERAI_DATABASE_DSN"):
            return dsn
        # Found running, so nothing is started here; and as its own role.
        folder = (self.data / "postgres").resolve()
        lines = (folder / "data/postmaster.pid").read_text().splitlines()
        return psycopg.conninfo.make_conninfo(host=lines[4], port=lines[3], user="serai", dbname="serai")

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.dsn) as connection:
            return rows_laid_out(connection, statement, values)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement)

    def work(self, do: Callable[[Database, IdSource, datetime], Awaitable[Result]]) -> Result:
        """Do something on the node's database as a command would, with ids of its own."""

        async def go() -> Result:
            clock = SystemClock()
            async with Database(self.dsn, pool_size_count=1, statement_timeout_ms=60_000) as database:
                holder = f"test-{os.getpid()}-{secrets.token_hex(4)}"
                async with database.write() as connection:
                    lease = await lease_node(connection, holder, clock.now())
                ids = IdSource(lease, clock)
                done = await do(database, ids, clock.now())
                async with database.write() as connection:
                    await end_lease(connection, lease, holder, ids.used_until())
                return done

        return asyncio.run(go())

    def add_party(
        self,
        name: str = "Invented Express",
        *roles: str,
        scopes: Iterable[str] = ("lodging", "reading"),
        expires_in: timedelta | None = None,
    ) -> tuple[int, str]:
        """Register a party with a key, as a rule to file and read; gives its number and the key's text."""

        async def do(database: Database, ids: IdSource, at: datetime) -> tuple[int, str]:
            party_id, key_id = (int(one) for one in ids.take(2))
            async with database.write() as connection:
                await parties.create_party(
                    connection, party_id=party_id, administration_id=1, name=name, at=at
                )
                for role in roles or ("carrier", "declarant"):
                    await parties.add_role(
                        connection, party_id=party_id, administration_id=1, role=role, at=at
                    )
                made = await parties.add_key(
                    connection,
                    key_id=key_id,
                    party_id=party_id,
                    administration_id=1,
                    scopes=frozenset(scopes),
                    at=at,
                    expires_at=None if expires_in is None else at + expires_in,
                )
            return party_id, made.text

        return self.work(do)

    def change_law(self, change: Callable[[list[Component]], list[Component]], note: str = "a test") -> None:
        """Put other components in force, as `serai law load` and `serai list import` do."""
        self.work(lambda database, _ids, at: derive_law(database, 1, at, note, change))

    def import_rates(self) -> None:
        """Put the invented exchange rates in force and wait until every process has taken them up."""
        rates = make_component("exchange-rates", RATES.name, RATES.read_bytes())
        self.change_law(lambda present: [*present, rates])
        time.sleep(2.5)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _reply(connection: HTTPConnection) -> Reply:
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return Reply(answer.status, headers, answer.read())


def _children(process_id: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{process_id}/task").iterdir():
        with contextlib.suppress(OSError):
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def _command_line(process_id: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """A folder that the database's user may enter and whose sockets have short paths; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="serai-faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


class Upload:
    """A stream of lines whose sender takes its time."""

    def __init__(self, node: Serving, key: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", node.port), timeout=PATIENCE_S)
        head = (
            "POST /v1/declarations HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-ndjson\r\n"
            f"Authorization: Bearer {key}\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        self._socket.sendall(head.encode())

    def send(self, reference: str) -> None:
        line = encoded(parcel(reference)) + b"\n"
        self._socket.sendall(f"{len(line):x}\r\n".encode() + line + b"\r\n")

    def close(self) -> None:
        """Leave without a word."""
        self._socket.close()

    def finish(self) -> bytes:
        self._socket.sendall(b"0\r\n\r\n")
        answer = b""
        with self._socket:
            while piece := self._socket.recv(1 << 16):
                answer += piece
        return answer


@contextlib.contextmanager
def serving(
    folder: Path, *, workers: int = 2, environment: Mapping[str, str] | None = None
) -> Iterator[Serving]:
    """A node of its own, with exchange rates; stopped at the end."""
    node = Serving(folder, workers, environment or {})
    try:
        node.start()
        node.import_rates()
        yield node
    finally:
        node.stop()


def parcel(reference: str, **changes: Any) -> dict[str, Any]:
    """A sound declaration of one shirt to Ireland; changes: of its fields."""
    return {
        "reference": reference,
        "logistics_channel_code": "express",
        "consignor": {"name": "Invented Garments Ltd", "country_code": "CN", "city": "Hangzhou"},
        "consignee": {
            "name": "Aoife Example",
            "country_code": "IE",
            "city": "Dublin",
            # Of one address and one shop, many would be parts of one order.
            "street": f"{crc32(reference.encode())} Example Street",
            "postcode": "D02 XY45",
        },
        "goods_items": [goods_item()],
        "sale_nature_code": "B2C",
        "accepted_at": "2026-06-20T10:00:00Z",
        **changes,
    }


def goods_item(**changes: Any) -> dict[str, Any]:
    """One shirt for EUR 20."""
    return {
        "sequence_number": 1,
        "commodity_code": "610910",
        "description": "cotton T-shirt, white, size M",
        "quantity": "1",
        "invoice_amount": "20.00",
        "invoice_currency_code": "EUR",
        "origin_country_code": "CN",
        "gross_mass_kg": "0.250",
        **changes,
    }


def encoded(document: Any) -> bytes:
    return msgspec.json.encode(document)


def ndjson(documents: list[Any]) -> bytes:
    return msgspec.json.Encoder().encode_lines(documents)
