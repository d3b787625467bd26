"""Where the campaign takes place: two administrations, each with a server of its own, on one PostgreSQL that
counts statements; and whoever asks there.
"""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
import psycopg
import requests
from serai.app import Node, open_node, running_database
from serai.cli.background_server import BackgroundServer
from serai.cli.web_processes import listen
from serai.foundation.access import people
from serai.foundation.access.actor import Role
from serai.foundation.access.secrets import form_token
from serai.foundation.access.sign_in import make_link
from serai.foundation.access.table import SCOPES
from serai.foundation.clock import SystemClock
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.settings import (
    AdministrationSettings,
    ApprovalSettings,
    DatabaseSettings,
    DataSettings,
    PaymentSettings,
    ServerSettings,
    Settings,
)

from tools.campaign.server import make_party, put_lists_in_force

PATIENCE_S: Final = 120
_BANK_ACCOUNT: Final = "DE89370400440532013000"
"""Of which examples/standards/iso20022-statement.xml tells."""
_BUSY_MS: Final = 120_000
_PASSWORD: Final = "three unrelated words, invented"  # noqa: S105 nobody's
_COUNTING: Final = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.max": "10000"}
OWN_NAMES: Final = "wrong-"
"""With which the names of wrong parties' accounts begin."""
STAFF: Final = (Role.OFFICER, Role.LEGAL, Role.ADMIN)


class Caller(NamedTuple):
    """Who asks. reads: whether all cases are its to read, as an auditor's are: it tries writes alone."""

    name: str
    url: str
    headers: dict[str, str]
    reads: bool = False


class Place(NamedTuple):
    """Two running servers. administrator: key of who registers parties. officer: of a party with every role.
    sessions: of people who have no right where they ask.
    """

    url: str
    elsewhere_url: str
    administrator: str
    elsewhere_administrator: str
    officer: str
    sessions: list[Caller]
    superuser_dsn: str


@contextmanager
def two_administrations() -> Iterator[Place]:
    """Start them; remove all of it afterwards. Limits on who asks are off: none of it is what is tried."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="serai-wrong-")))
        here = Settings(
            data=DataSettings(folder=str(folder)),
            server=ServerSettings().for_one_client(),
            approval=ApprovalSettings(kinds="lists"),
            payment=PaymentSettings(accounts=_BANK_ACCOUNT, payee="Invented Customs"),
            # A machine that is busy with other campaigns stands still for longer than a node may.
            database=DatabaseSettings(idle_timeout_ms=_BUSY_MS, lock_timeout_ms=_BUSY_MS),
        )
        elsewhere = msgspec.structs.replace(
            here, administration=AdministrationSettings(code="ELSEWHERE", name="Elsewhere Customs")
        )
        stack.callback(lambda: shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True))
        counting = EmbeddedPostgres.of_node(here, differing=_COUNTING)
        stack.enter_context(counting)
        dsn = stack.enter_context(running_database(here, SystemClock()))
        superuser_dsn = counting.superuser_dsn("serai")
        with psycopg.connect(superuser_dsn, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        listeners = [stack.enter_context(listen(one, 0)) for one in (here, elsewhere)]
        ours = asyncio.run(_furnish(here, dsn))
        theirs = asyncio.run(_furnish(elsewhere, dsn))
        servers = [
            stack.enter_context(BackgroundServer(settings, dsn, listener, 1, log_file=folder / "server.log"))
            for settings, listener in zip((here, elsewhere), listeners, strict=True)
        ]
        sessions = [
            caller
            for server, made in zip(servers, (ours, theirs), strict=True)
            for caller in _sign_in(server.url, made.links)
        ]
        yield Place(
            servers[0].url, servers[1].url, ours.administrator, theirs.administrator, ours.officer,
            sessions, superuser_dsn,
        )  # fmt: skip


class _Made(NamedTuple):
    administrator: str
    officer: str
    links: dict[str, str]


async def _furnish(settings: Settings, dsn: str) -> _Made:
    code, every = settings.administration.code, frozenset(SCOPES)
    async with open_node(settings, dsn) as node:
        await put_lists_in_force(node)
        return _Made(
            await make_party(node, f"Office of {code}", frozenset({Role.ADMIN, Role.LEGAL}), every),
            await make_party(node, f"Customs house of {code}", frozenset(Role) - {Role.PUBLIC}, every),
            {
                # Here the staff have their rights: only who has none is wrong.
                name: await _make_link(node, name, roles)
                for name, roles in (
                    {role.value: frozenset({role}) for role in STAFF}
                    if code == "ELSEWHERE"
                    else {"none": frozenset()}
                ).items()
            },
        )


async def _make_link(node: Node, name: str, roles: frozenset[Role]) -> str:
    at, administration_id = node.clock.now(), node.administration_id
    account_id = int(node.ids.take(1)[0])
    async with node.database.write() as connection:
        await people.create_account(
            connection,
            account_id=account_id,
            administration_id=administration_id,
            sign_in_name=f"{OWN_NAMES}{name}",
            password=_PASSWORD,
            roles=frozenset(one.value for one in roles),
            at=at,
        )
        return await make_link(connection, account_id=account_id, administration_id=administration_id, at=at)


def _sign_in(url: str, links: dict[str, str]) -> Iterator[Caller]:
    for name, token in links.items():
        session = requests.Session()
        entered = session.get(f"{url}/enter/{token}", allow_redirects=False, timeout=PATIENCE_S)
        assert entered.status_code == 303, entered.text
        (cookie,) = [one for one in session.cookies if "session" in one.name]
        assert cookie.value is not None
        headers = {"cookie": f"{cookie.name}={cookie.value}", "x-form-token": form_token(cookie.value)}
        yield Caller(f"session of {name}, {urlsplit(url).netloc}", url, headers)


class Office:
    """Asks a server with a key. What fails is an error: the campaign would try less than it says."""

    def __init__(self, url: str, key: str) -> None:
        """Speak to the server at `url`."""
        self.url, self.key = url, key
        self.session = requests.Session()
        self.session.headers.update({**headers_of(key), "accept": "application/json"})

    def get(self, path: str) -> Any:
        """Read."""
        return _content_of(self.session.get(self.url + path, timeout=PATIENCE_S))

    def post(self, path: str, body: Any) -> Any:
        """Send an object, or the bytes of a message by its media type."""
        if isinstance(body, tuple):
            content, media_type = body
            answer = self.session.post(
                self.url + path, content, headers={"content-type": media_type}, timeout=PATIENCE_S
            )
        else:
            answer = self.session.post(self.url + path, json=body, timeout=PATIENCE_S)
        return _content_of(answer)

    def register(
        self,
        name: str,
        roles: tuple[str, ...],
        *,
        identifier: str = "",
        scopes: tuple[str, ...] = tuple(SCOPES),
        person: str | None = None,
    ) -> tuple[str, str]:
        """Register a party; return its number, and the text of its key, which may be a person's."""
        body = {"reference": name, "name": name, "roles": list(roles)}
        party = str(self.post("/v1/parties", body)["party"])
        if identifier:
            self.post(f"/v1/parties/{party}/identifiers", {"identifier": identifier})
        wanted = {"reference": f"KEY {name}", "scopes": list(scopes), "person": person}
        key = self.post(f"/v1/parties/{party}/keys", wanted)
        return party, str(key["text"])

    def take_role(self, party: str, role: str) -> None:
        """Take a role away from a party."""
        _content_of(self.session.delete(f"{self.url}/v1/parties/{party}/roles/{role}", timeout=PATIENCE_S))


def headers_of(key: str) -> dict[str, str]:
    """Return the headers of who has a key, and says who acts with it."""
    return {"authorization": f"Bearer {key}", "serai-acting-person": "campaign"}


def _content_of(answer: requests.Response) -> Any:
    assert answer.ok, f"{answer.url}: {answer.text[:600]}"
    return answer.json() if answer.content else None
