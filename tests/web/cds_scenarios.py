"""Scenarios of the customs declaration service, spoken to a running server, and what it answers."""

import asyncio
import csv
import io
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from serai.formats.wco_dec import DecMessage, decode_dec
from serai.formats.wco_res import FUNCTIONS, NOTIFICATIONS, DecResponse
from serai.formats.wco_res_read import decode_res
from serai.foundation.database import Database
from serai.journey.assessment.store import Component, make_component
from serai.journey.law_in_force.service import derive_law
from tests.beside import SHARED
from tests.journey.cases.world import World, running_world, wait_for_law
from tools.cds_report import Scenario, read_scenarios, stated_lines

ROOT = Path(__file__).parents[2]
CDS = SHARED / "reference" / "cds"
XML = {"content-type": "application/xml"}
TARIFF = "GB-2021/tariff.csv"
PRESENTATION = "plain/TT_IM077a/Movement_Messages/Step2_GPN.xml"


@dataclass
class Talk:
    """One scenario: what was sent and what was told. replies: to each message; told: all later answers.
    is_north: the goods go to Northern Ireland."""

    name: str
    replies: list[DecResponse] = field(default_factory=list)
    told: list[DecResponse] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    problem: str = ""
    is_north: bool = False


@contextmanager
def world_with_stated_rates(dsn: str, folder: Path) -> Iterator[World]:
    """A server whose tariff of Great Britain has the rates that the scenarios' answers state."""
    scenarios = [one for one in read_scenarios(CDS) if one.consignment is not None]
    with running_world(dsn, folder) as world, ThreadPoolExecutor(1) as thread:
        generation_id = thread.submit(lambda: asyncio.run(_add_rates(dsn, scenarios))).result()
        wait_for_law(world, generation_id)
        yield world


async def _add_rates(dsn: str, scenarios: Sequence[Scenario]) -> int:
    def changed(present: Sequence[Component]) -> list[Component]:
        tariff = next(one for one in present if one.name == TARIFF)
        content = _with_lines(tariff.content, scenarios)
        return [*(one for one in present if one.name != TARIFF), make_component("law-file", TARIFF, content)]

    async with Database(dsn, pool_size_count=1, statement_timeout_ms=60_000) as database:
        return (await derive_law(database, 1, datetime.now(UTC), "rates of the scenarios", changed))[0]


def _with_lines(tariff: bytes, scenarios: Sequence[Scenario]) -> bytes:
    rows = list(csv.DictReader(tariff.decode().splitlines()))
    known = {(row["measure"], row["commodity_prefix"]) for row in rows}
    for scenario in scenarios:
        for line in stated_lines(scenario) if scenario.set == "oracle" else ():
            place = (line.measure, line.commodity_prefix)
            if place not in known and not line.preference_code:
                known.add(place)
                rows.append(
                    dict.fromkeys(rows[0], "")
                    | {
                        "measure": line.measure,
                        "commodity_prefix": line.commodity_prefix,
                        "ad_valorem_ppm": str(line.ad_valorem_ppm),
                        "valid_from": "2020-01-01",
                        "source": scenario.name,
                        "confidence": "sourced",
                    }
                )
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def exchange_messages(client: httpx2.Client, name: str, *messages: bytes, presents: bool = True) -> Talk:
    """Send the messages of a scenario in order, present the goods where that is still to come, settle what is
    due, and collect what was told."""
    talk = Talk(name)
    after = client.get("/v1/messages/cds/answers", params={"limit": 1000}).json()["next_after"]
    number, is_early = "", False
    for sent in messages:
        content = sent
        message, _ = decode_dec(content)
        if message is not None and message.consignment is not None:
            talk.is_north = message.consignment.consignee.region_code == "GB-NIR"
        if message is not None and message.mrn and number:
            content = content.replace(message.mrn.encode(), number.encode())
        reply = _send(client, content, talk)
        if reply is None:
            return talk
        number = number or reply.mrn or ""
        is_early = is_early or (message is not None and _is_early(message))
    if presents and is_early and not any(_presents(content) for content in messages):
        content = (CDS / PRESENTATION).read_bytes()
        _send(client, content.replace(b"25GB13GP6SYGRXAA01", number.encode()), talk)
    page = _settle_and_read(client, after, name)
    for answer in page:
        talk.contents.append(answer.encode())
        response, faults = decode_res(answer.encode())
        assert response is not None, faults
        if response.mrn == number:
            talk.told.append(response)
    return talk


def _is_early(message: DecMessage) -> bool:
    return message.act == "original" and message.type_code[2:] in {"D", "E", "F"}


def _presents(content: bytes) -> bool:
    message, _ = decode_dec(content)
    return message is not None and message.act == "presentation"


def _send(client: httpx2.Client, content: bytes, talk: Talk) -> DecResponse | None:
    answer = client.post("/v1/messages/cds", content=content, headers=XML)
    if not answer.headers["content-type"].startswith("application/xml"):
        talk.problem = str(answer.json()["code"])
        return None
    talk.contents.append(answer.content)
    response, faults = decode_res(answer.content)
    assert response is not None, faults
    talk.replies.append(response)
    if response.function == "rejected":
        text = response.faults[0].text if response.faults else ""
        talk.problem = (text or "").partition(":")[0]
        return None
    return response


def _settle_and_read(client: httpx2.Client, after: str, name: str) -> list[str]:
    """Pay what is due at the border of the cases told of, then read everything told since."""
    params: dict[str, str | int] = {"after": after, "limit": 1000}
    first = client.get("/v1/messages/cds/answers", params=params).json()
    for case_id in {one["case_id"] for one in first["answers"]}:
        for owed in client.get(f"/v1/cases/{case_id}").json().get("owed", []):
            if owed["due"] == "border" and float(owed["amount"]) > 0:
                mark = {
                    "reference": f"{name}-{case_id}"[:70],
                    "kind": "on-account",
                    "currency_code": owed["currency_code"],
                    "amount": owed["amount"],
                }
                client.post(f"/v1/cases/{case_id}/payment-records", json=mark).raise_for_status()
    page = client.get("/v1/messages/cds/answers", params=params).json()
    return [one["content"] for one in page["answers"]]


def names_of(responses: Sequence[DecResponse]) -> list[str]:
    """Return notifications as traders name them, with the status of a tax or of a request."""
    names = []
    for one in responses:
        status = f" {one.statuses[0].code}" if one.statuses else ""
        names.append(NOTIFICATIONS[FUNCTIONS[one.function]] + status)
    return names


def published(folder: Path) -> list[str]:
    """Return the notifications published with a scenario, in the order of their numbers."""
    found = [path for path in folder.rglob("*DMS*.xml") if path.suffix == ".xml" and "REJ" not in path.name]
    numbered = sorted(found, key=lambda path: (int((re.match(r"\d+", path.name) or ["99"])[0]), path.name))
    responses = [decode_res(path.read_bytes())[0] for path in numbered]
    return names_of([one for one in responses if one is not None])


def messages_of(scenario: str, row: dict[str, str]) -> list[bytes]:
    """Return what a scenario sends: its declaration and its amendments, in order."""
    folder = CDS / row["set"] / scenario
    amendments = sorted(path for path in folder.glob("*Amendment*.xml"))
    return [path.read_bytes() for path in (CDS / row["request_file"], *amendments)]


def to_great_britain(content: bytes) -> bytes:
    """Return a declaration into Northern Ireland as one into Great Britain."""
    return content.replace(
        b"<StatementCode>NIIMP</StatementCode>", b"<StatementCode>GEN45</StatementCode>"
    ).replace(b"<ID>XI", b"<ID>GB")


def rows_of_scenarios() -> dict[str, dict[str, str]]:
    """Return the index of the scenarios by name."""
    with (CDS / "scenarios.csv").open(encoding="utf-8", newline="") as lines:
        return {row["scenario"]: row for row in csv.DictReader(lines)}
