"""One purchase from abroad as China's four parties tell of it in CEB messages, and a server for them."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree
from psycopg import AsyncConnection

from serai.formats.ceb.facts import NAMESPACE
from serai.formats.ceb.message import Receipt
from serai.formats.ceb.read import decode_receipts
from serai.foundation.access import parties, registry
from serai.foundation.database import Database
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.list_files import with_lists
from serai.journey.law_in_force.service import derive_law
from tests.feed import wait_until_shown
from tests.formats.ceb.messages import GUID, LINE, TRANSFER, message, order
from tests.journey.cases.world import HAND, World, running_world, wait_for_law
from tests.journey.processing.counted import LISTS

AT = datetime(2026, 6, 20, 9, tzinfo=UTC)
PARTIES = {
    # name: (party id, role, identifier)
    "market": (40, "platform", "9911000001"),
    "wallet": (41, "payment_provider", "9911000003"),
    "courier": (42, "carrier", "9911000004"),
    "agent": (43, "declarant", "9911000005"),
    "other-agent": (44, "declarant", "9911000006"),
}
_PAID_BY = "<ceb:payTransactionId>"
SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'
XML = {"content-type": "application/xml"}


@contextmanager
def ceb_world(dsn: str, folder: Path) -> Iterator[World]:
    """A server with the parties above, under the law of China with an invented tariff."""
    with running_world(dsn, folder) as world, ThreadPoolExecutor(1) as thread:
        keys, generation_id = thread.submit(lambda: asyncio.run(_furnish(dsn))).result()
        wait_for_law(world, generation_id)
        yield msgspec.structs.replace(world, keys=world.keys | keys)


async def _furnish(dsn: str) -> tuple[dict[str, str], int]:
    keys = {}
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        for name, (party_id, role, identifier) in PARTIES.items():
            await parties.create_party(connection, party_id=party_id, administration_id=1, name=name, at=AT)
            await parties.add_role(connection, party_id=party_id, administration_id=1, role=role, at=AT)
            key = await parties.add_key(
                connection,
                key_id=1000 + party_id,
                party_id=party_id,
                administration_id=1,
                scopes=frozenset({"lodging", "reading"}),
                at=AT,
                expires_at=None,
            )
            await registry.add_identifier(connection, HAND, party_id=party_id, identifier=identifier)
            keys[name] = key.text
    lists = [make_component(*one) for one in LISTS]
    async with Database(dsn, pool_size_count=1, statement_timeout_ms=60_000) as database:
        generation_id, _ = await derive_law(
            database, 1, AT, "tariff", lambda present: with_lists(present, lists)
        )
    return keys, generation_id


def render(world: World, party: str, content: bytes, **headers: str) -> Any:
    """Send a message as a party."""
    with world.client(party) as client:
        return client.post("/v1/messages/ceb", content=content, headers=XML | headers)


def receipts(answer: Any) -> list[Receipt]:
    """Read the answer, which must be as the schemas want it."""
    assert answer.status_code == 200, answer.text
    read, faults = decode_receipts(answer.content)
    assert faults == []
    return read


def told(world: World, party: str, **headers: str) -> list[tuple[str, Receipt]]:
    """Return the later answers to a party: name of the message and its one answer."""
    wait_until_shown(world.dsn)
    with world.client(party) as client:
        page = client.get("/v1/messages/ceb/answers", headers=headers).json()
    found = []
    for one in page["answers"]:
        content = one["content"].encode()
        (receipt,), faults = decode_receipts(content)
        assert faults == []
        found.append((etree.QName(etree.fromstring(content)).localname, receipt))
    return found


def order_message(*numbers: int, act: str = "1", **texts: str) -> bytes:
    """CEB311: orders of two shirts each, which name who takes the money."""
    line = LINE.replace("杯子", "棉T恤").replace("陶瓷|300ml", "棉")
    paid = "<ceb:payCode>9911000003</ceb:payCode><ceb:payName>Example Wallet</ceb:payName>"
    orders = [order(number, line=line).replace(_PAID_BY, paid + _PAID_BY) for number in numbers]
    return message(*(_with(one, act, texts) for one in orders))


def payment_message(number: int, act: str = "1", **texts: str) -> bytes:
    """CEB411: what was paid for an order."""
    body = _group(
        "Payment/PaymentHead",
        guid=GUID.format(number),
        appType="1",
        appTime="20260301093100",
        appStatus="2",
        payCode="9911000003",
        payName="Example Wallet",
        payTransactionId=f"PAY-{number}",
        orderNo=f"ORDER-{number}",
        ebpCode="9911000001",
        ebpName="Example Platform",
        payerIdType="1",
        payerIdNumber="110101199001010000",
        payerName="某人",
        telephone="13900000000",
        amountPaid="136.2",
        currency="142",
        payTime="20260301093100",
    )
    return message(_with(body, act, texts), name="CEB411Message")


def waybill_message(number: int, act: str = "1", **texts: str) -> bytes:
    """CEB511: the waybill of an order."""
    body = _group(
        "Logistics/LogisticsHead",
        guid=GUID.format(number),
        appType="1",
        appTime="20260301100000",
        appStatus="2",
        logisticsCode="9911000004",
        logisticsName="Example Courier",
        logisticsNo=f"WB-{number}",
        orderNo=f"ORDER-{number}",
        freight="10",
        insuredFee="0",
        currency="142",
        weight="0.5",
        packNo="1",
        goodsInfo="棉T恤",
        consignee="某人",
        consigneeAddress="某路1号",
        consigneeTelephone="13900000000",
    )
    return message(_with(body, act, texts), name="CEB511Message")


def inventory(number: int, act: str = "1", **texts: str) -> str:
    """One declaration of CEB621."""
    head = _leaves(
        guid=GUID.format(number),
        appType="1",
        appTime="20260302090000",
        appStatus="2",
        orderNo=f"ORDER-{number}",
        ebpCode="9911000001",
        ebpName="Example Platform",
        ebcCode="9911000002",
        ebcName="Example Shop",
        logisticsNo=f"WB-{number}",
        logisticsCode="9911000004",
        logisticsName="Example Courier",
        copNo=f"COP-{number}",
        assureCode="A1",
        ieFlag="I",
        declTime="20260302",
        customsCode="0101",
        portCode="0101",
        ieDate="20260302",
        buyerIdType="1",
        buyerIdNumber=f"11010119900101{number:04d}",
        buyerName="某人",
        buyerTelephone="13900000000",
        consigneeAddress="某路1号",
        agentCode="9911000005",
        agentName="Example Agent",
        tradeMode="9610",
        trafMode="5",
        trafNo="XX100",
        voyageNo=f"XX100-{number}",
        billNo=f"BILL-{number}",
        country="304",
        freight="10",
        insuredFee="0",
        currency="142",
        packNo="1",
        grossWeight="0.5",
        netWeight="0.4",
    )
    row = _leaves(
        gnum="1",
        gcode="6109100021",
        gname="棉T恤",
        gmodel="棉",
        country="304",
        currency="142",
        qty="2",
        unit="011",
        qty1="2",
        unit1="011",
        price="60",
        totalPrice="120",
    )
    body = f"<ceb:Inventory><ceb:InventoryHead>{head}</ceb:InventoryHead>"
    return _with(f"{body}<ceb:InventoryList>{row}</ceb:InventoryList></ceb:Inventory>", act, texts)


def inventory_message(*bodies: str) -> bytes:
    """CEB621 around declarations."""
    return message(*bodies, name="CEB621Message", transfer=TRANSFER + SIGNATURE)


def cancellation_message(number: int, mrn: str) -> bytes:
    """CEB623: a declaration is to be withdrawn."""
    body = f"<ceb:InvtCancel>{_request(number, mrn)}</ceb:InvtCancel>"
    return message(body, name="CEB623Message", transfer=TRANSFER + SIGNATURE)


def return_message(number: int, mrn: str, quantity: str = "1") -> bytes:
    """CEB625: goods of a released declaration come back."""
    row = _leaves(gnum="1", gcode="6109100021", gname="棉T恤", qty=quantity, unit="011")
    head = f"<ceb:InvtRefundHead>{_request(number, mrn)}</ceb:InvtRefundHead>"
    body = f"<ceb:InvtRefund>{head}<ceb:InvtRefundList>{row}</ceb:InvtRefundList></ceb:InvtRefund>"
    return message(body, name="CEB625Message", transfer=TRANSFER + SIGNATURE)


def _request(number: int, mrn: str) -> str:
    return _leaves(
        guid=GUID.format(number),
        appType="1",
        appTime="20260305090000",
        appStatus="2",
        customsCode="0101",
        orderNo=f"ORDER-{number}",
        ebpCode="9911000001",
        ebpName="Example Platform",
        ebcCode="9911000002",
        ebcName="Example Shop",
        logisticsNo=f"WB-{number}",
        logisticsCode="9911000004",
        logisticsName="Example Courier",
        copNo=f"COP-{number}",
        invtNo=mrn,
        buyerIdType="1",
        buyerIdNumber="110101199001010000",
        buyerName="某人",
        buyerTelephone="13900000000",
        agentCode="9911000005",
        agentName="Example Agent",
        reason="买家取消",
    )


def _group(way: str, **texts: str) -> str:
    outer, inner = way.split("/")
    return f"<ceb:{outer}><ceb:{inner}>{_leaves(**texts)}</ceb:{inner}></ceb:{outer}>"


def _leaves(**texts: str) -> str:
    return "".join(f"<ceb:{name}>{text}</ceb:{name}>" for name, text in texts.items())


def _with(body: str, act: str, texts: dict[str, str]) -> str:
    """Change an act and further texts of the first element of each name."""
    for name, text in {"appType": act, **texts}.items():
        begin = body.index(f"<ceb:{name}>") + len(name) + 6
        body = f"{body[:begin]}{text}{body[body.index('<', begin) :]}"
    return body


assert NAMESPACE in message().decode(), "the messages stand in the namespace that the reader knows"
