"""`serai demo`: everything started in one folder, invented parcels sent to it, decisions to look at."""

import asyncio
import contextlib
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from serai.app import open_node, running_database
from serai.cli.background_server import BackgroundServer
from serai.cli.demo_node import Kept, demo_settings, furnish, kept_file, make_page_link, sole_use
from serai.cli.demo_safety import Links, SafetyStory
from serai.cli.output import print_json
from serai.cli.web_processes import listen
from serai.foundation.clock import SystemClock
from serai.foundation.settings import Settings
from serai.foundation.settings_reading import read_settings_here
from serai.foundation.shipped import find_shipped
from serai.laboratory.demo.running_sums import SUMS, RunningSums, share
from serai.laboratory.demo.sending import ConnectionToServer
from serai.laboratory.demo.story import (
    CONSIGNMENTS,
    SENT_TOGETHER_COUNT,
    Lot,
    Message,
    examples,
    lots,
    named_stories,
)
from serai.model.errors import SeraiError

_DECLARANTS = ("post", "carrier")
_LOTS_AHEAD = 2
_LOOK_S = 0.5


def demo(
    *,
    count: Annotated[int, Parameter(help="Invented consignments to send.")] = 100_000,
    port: Annotated[int, Parameter(help="Port of the pages and the API; 0 takes a free one.")] = 8000,
    workers: Annotated[int, Parameter(help="Web processes.")] = 2,
    once: Annotated[
        bool, Parameter(help="End when all is sent, instead of staying up.", negative="")
    ] = False,
    fresh: Annotated[bool, Parameter(help="Forget what earlier demos left.", negative="")] = False,
    output: Annotated[
        Literal["json"] | None, Parameter(help="With --once: print the figures as JSON at the end.")
    ] = None,
) -> int:
    """Start everything, send invented parcels to it, and show the decisions; stays up until Ctrl-C.

    Database, keys and law lie in `.serai/demo` below the present folder. Another run goes on with what is
    there and sends new parcels. All people, firms, numbers, rates and lists in it are invented.
    """
    settings = demo_settings(read_settings_here())
    folder = Path(settings.data.folder)
    said = Console(stderr=output == "json", highlight=False, emoji=False, markup=False, soft_wrap=True)
    with ends_by_signal(), listen(settings, port) as listener, sole_use(folder, fresh=fresh):
        begun = time.perf_counter()
        said.print("Serai demo. All people, firms, numbers, rates and lists in it are invented.")
        said.print(f"Everything lies in {folder}.")
        with _step(said, "The database starts"):
            database = contextlib.ExitStack()
            dsn = database.enter_context(running_database(settings, SystemClock()))
        with database:
            with _step(said, "Law packs, invented lists and parties are put in place"):
                kept, of_reader, of_story = asyncio.run(_furnish(settings, dsn, folder, count))
            with contextlib.ExitStack() as stack:
                with _step(said, "The server starts"):
                    server = stack.enter_context(
                        BackgroundServer(settings, dsn, listener, workers, log_file=folder / "server.log")
                    )
                said.print(f"Ready after {time.perf_counter() - begun:.0f} s. Open the pages here:\n")
                said.print(f"    {server.url}{of_reader.first}\n", style="bold")
                said.print("The address signs you in once, as an invented officer. The first page says where")
                said.print(
                    "to look. Risk rules need a second officer; in another browser, you are that one:\n"
                )
                said.print(f"    {server.url}{of_reader.second}\n")
                said.print("For everybody, signed in or not: /law, /law/comparison, /calculator, /check.\n")
                with contextlib.closing(SafetyStory(server.host, server.port, kept, of_story)) as story:
                    run = _Run(server, kept, said, story)
                    run.send(count)
                facts = run.facts()
                run.show(facts)
                if output == "json":
                    print_json(facts)
                if not once:
                    _stay_up(server, said, folder)
    return 0


async def _furnish(settings: Settings, dsn: str, folder: Path, count: int) -> tuple[Kept, Links, Links]:
    """Return what is kept, the links of the two officers for whoever looks, and those of the demo itself."""
    async with open_node(settings, dsn) as node:
        kept = await furnish(node, folder, count=count)
        accounts = (kept.account_id, kept.second_account_id)
        first, second, own_first, own_second = [await make_page_link(node, one) for one in accounts * 2]
        return kept, Links(first, second), Links(own_first, own_second)


@contextmanager
def ends_by_signal() -> Iterator[None]:
    """Let Ctrl-C and a termination end what is under way once; what follows is tidying up, left in peace."""

    def end(number: int, _frame: FrameType | None) -> None:
        for other in before:
            signal.signal(other, signal.SIG_IGN)
        raise KeyboardInterrupt(number)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _step(said: Console, words: str) -> Iterator[None]:
    begun = time.perf_counter()
    said.print(f"{words} ...", end="")
    yield
    said.print(f" {time.perf_counter() - begun:.1f} s")


def _stay_up(server: BackgroundServer, said: Console, folder: Path) -> None:
    said.print(f"\nThe server stays up: the addresses above sign in once, {server.url}/ says where to look.")
    said.print(
        f"Keys of the invented parties are in {kept_file(folder)}, the server's messages in "
        f"{folder / 'server.log'}. Ctrl-C stops everything."
    )
    try:
        while server.is_alive:
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:
        said.print("\nStopping. `serai demo` goes on from here, `serai demo --fresh` begins anew.")
        return
    raise SeraiError("server-gone", "The web server ended.", "Read its messages above.")


class _Run:
    """One run of sending: the eight named parcels, the examples, what shows safety, then the mass on two
    connections."""

    def __init__(self, server: BackgroundServer, kept: Kept, said: Console, story: SafetyStory) -> None:
        self._server = server
        self._kept = kept
        self._said = said
        self._story = story
        self._examined = 0
        self._cumulative_allowance = RunningSums()
        self._named: list[dict[str, Any]] = []
        self._examples: list[dict[str, str]] = []
        self._others = 0
        self._seconds = 0.0
        self._failures: queue.Queue[Exception] = queue.Queue()

    def send(self, count: int) -> None:
        """Send everything; a fault of a sender ends it. `count`: consignments of the mass."""
        connection = self._connect()
        self._send_named(connection)
        self._send_examples(connection)
        connection.close()
        with _step(self._said, "An agency and two officers act"):
            self._story.begin(count)
        if count:
            self._send_mass(count)
        with _step(self._said, "Some of what was selected is examined"):
            self._examined = self._story.end()

    def facts(self) -> dict[str, Any]:
        """Return what was sent and what came back."""
        running = self._cumulative_allowance
        median_s, longest_s = running.waits_s()
        return {
            "invented": True,
            "consignments": running.answered_count,
            "goods_items": running.goods_items_count,
            "other_documents": self._others,
            "statuses": dict(running.statuses.most_common()),
            "lanes": dict(running.lanes.most_common()),
            "without_law": running.without_law_count,
            "sums": running.sums(),
            "seconds": round(self._seconds, 2),
            "consignments_per_s": round(running.answered_count / self._seconds) if self._seconds else 0,
            "goods_items_per_s": round(running.goods_items_count / self._seconds) if self._seconds else 0,
            "median_answer_s": round(median_s, 3),
            "slowest_answer_s": round(longest_s, 3),
            "examined": self._examined,
            "named": self._named,
            "safety": self._story.told,
            "examples": self._examples,
        }

    def show(self, facts: dict[str, Any]) -> None:
        """Print the facts for a person."""
        if facts["consignments"]:
            self._show_mass(facts)
        self._said.print("Eight parcels worth a look:\n")
        self._show_rows(self._named, 1)
        self._said.print("\nSafety:\n")
        self._show_rows(self._story.told, len(self._named) + 1)
        url = self._server.url
        self._said.print(f"   who looks at them         {url}/recalls, {url}/permits, {url}/take-downs")
        self._said.print(f"   what selects parcels      {url}/risk ({self._examined} of them examined)")
        self._said.print(f"   is it fair, for everybody {url}/fairness")

    def _show_rows(self, rows: list[dict[str, Any]], first: int) -> None:
        for place, row in enumerate(rows, first):
            self._said.print(f"{place}. {row['title']}", style="bold")
            self._said.print(f"   {row['what_to_see']}")
            for lane, page in zip(row["lanes"], row["pages"], strict=True):
                self._said.print(f"   {lane:9} {self._server.url}{page}")

    def _show_mass(self, facts: dict[str, Any]) -> None:
        running = self._cumulative_allowance
        lanes = _table("lane", ">parcels", ">share")
        for lane, number in facts["lanes"].items():
            lanes.add_row(lane, f"{number:,}", share(number, running.lanes))
        sums = _table("currency", *(f">{name}".replace("_", " ") for name in ("parcels", *SUMS)))
        for row in facts["sums"]:
            amounts = (f"{float(row[name]):,.2f}" if "." in row[name] else row[name] for name in SUMS)
            sums.add_row(row["currency"], f"{int(row['parcels']):,}", *amounts)
        said = self._said
        words = ", ".join(f"{number:,} {status}" for status, number in facts["statuses"].items())
        said.print(f"\n{facts['consignments']:,} consignments were sent: {words}.")
        said.print(
            f"{facts['without_law']:,} of those in review go to places whose law is not loaded; no person "
            "can decide these, so the pages count them apart.\n"
        )
        said.print(lanes, "", sums, "", sep="\n")
        said.print(
            f"{facts['consignments_per_s']:,} consignments ({facts['goods_items_per_s']:,} goods items) a "
            f"second were decided and durable.\nA lot of {SENT_TOGETHER_COUNT:,} was answered after "
            f"{facts['median_answer_s']:.2f} s (median), {facts['slowest_answer_s']:.2f} s (slowest), while "
            "the same machine made the parcels.\n"
        )

    def _connect(self) -> ConnectionToServer:
        return ConnectionToServer(self._server.host, self._server.port)

    def _send_message(self, connection: ConnectionToServer, message: Message) -> list[Any]:
        key = self._kept.keys[message.role]
        return connection.send(message.route, key, message.content, message.media_type).answers

    def _send_named(self, connection: ConnectionToServer) -> None:
        for story in named_stories(self._kept.named_at):
            lanes, pages = [], []
            for message in story.messages:
                for answer in self._send_message(connection, message):
                    if message.route == CONSIGNMENTS:
                        lanes.append(answer.decision.lane if answer.decision else answer.became)
                        pages.append(f"/parcels/{answer.case_id}" if answer.case_id else "-")
            self._named.append(
                {"title": story.title, "what_to_see": story.what_to_see, "lanes": lanes, "pages": pages}
            )

    def _send_examples(self, connection: ConnectionToServer) -> None:
        for message in examples(find_shipped("examples") / "messages"):
            for answer in self._send_message(connection, message):
                self._examples.append(
                    {"file": message.title, "reference": answer.reference, "status": answer.became}
                )

    def _send_mass(self, count: int) -> None:
        """Make lots in this thread while one thread for each declarant sends, on a connection of its own."""
        waiting: dict[str, queue.Queue[Lot | None]] = {role: queue.Queue(_LOTS_AHEAD) for role in _DECLARANTS}
        connections = [self._connect() for _ in _DECLARANTS]
        begun = time.perf_counter()
        with self._progress(count) as advance:
            threads = [
                threading.Thread(target=self._send_lots, args=(connection, lots_of, advance), daemon=True)
                for connection, lots_of in zip(connections, waiting.values(), strict=True)
            ]
            for thread in threads:
                thread.start()
            try:
                for lot in lots(count, self._kept.runs_count, at=SystemClock().now()):
                    self._put(waiting[lot.role], lot)
                for lots_of in waiting.values():
                    self._put(lots_of, None)
                for thread in threads:
                    while thread.is_alive():
                        thread.join(_LOOK_S)
            finally:
                for connection in connections:
                    connection.close()
        self._raise_failure()
        self._seconds = time.perf_counter() - begun

    def _put(self, lots_of: queue.Queue[Lot | None], lot: Lot | None) -> None:
        while True:
            self._raise_failure()
            with contextlib.suppress(queue.Full):
                return lots_of.put(lot, timeout=_LOOK_S)

    def _raise_failure(self) -> None:
        with contextlib.suppress(queue.Empty):
            raise self._failures.get_nowait()

    def _send_lots(
        self,
        connection: ConnectionToServer,
        lots_of: queue.Queue[Lot | None],
        advance: Callable[[int], None],
    ) -> None:
        try:
            while (lot := lots_of.get()) is not None:
                for route, role, lines in lot.before:
                    connection.send_lines(route, self._kept.keys[role], lines)
                    self._others += len(lines)
                answered = connection.send_lines(CONSIGNMENTS, self._kept.keys[lot.role], lot.lines)
                self._cumulative_allowance.add(answered, lot.items_count)
                self._story.notice(answered, lot.role)
                advance(len(answered.answers))
        except Exception as fault:  # noqa: BLE001 - raised again in the main thread
            self._failures.put(fault)

    @contextmanager
    def _progress(self, count: int) -> Iterator[Callable[[int], None]]:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._said, transient=True) as progress:
            task = progress.add_task("Decided and durable", total=count, rate="")
            begun = time.perf_counter()

            def advance(number: int) -> None:
                progress.advance(task, number)
                rate = progress.tasks[task].completed / (time.perf_counter() - begun)
                progress.update(task, rate=f"{rate:,.0f} a second")

            yield advance


def _table(*columns: str) -> Table:
    """Make a table; a column whose name begins with `>` is of numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column.removeprefix(">"), justify="right" if column.startswith(">") else "left")
    return table
