"""China's four messages over HTTP: documents read, filed, matched, decided, durable and answered a second.

Each purchase is an order, a payment, a waybill and an inventory, a hundred of a kind in a message.
The rate is that of the server's processor time (web processes and PostgreSQL) on two cores, so that others on
the machine do not count; the client's is told beside it.

    uv run python benchmarks/ceb.py --purchases 5000
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx2
from serai.formats.ceb.read import decode_ceb, decode_receipts

from processor_time import tree_cpu_s
from served import served

CORES_COUNT = 2
DOCUMENTS_COUNT_MAX = 100
ROLES = ("platform", "payment_provider", "carrier", "declarant")
_SENT = "<ceb:guid>0A1B2C3D-0000-4000-8000-{n:012d}</ceb:guid><ceb:appType>1</ceb:appType>\
<ceb:appTime>20260301093000</ceb:appTime><ceb:appStatus>2</ceb:appStatus>"
_BUYER = "<ceb:buyerIdType>1</ceb:buyerIdType><ceb:buyerIdNumber>1101011990{n:08d}</ceb:buyerIdNumber>"
_SALE = "<ceb:ebpCode>9911000001</ceb:ebpCode><ceb:ebpName>Example Platform</ceb:ebpName>\
<ceb:ebcCode>9911000002</ceb:ebcCode><ceb:ebcName>Example Shop</ceb:ebcName>"
_COURIER = (
    "<ceb:logisticsCode>9911000004</ceb:logisticsCode><ceb:logisticsName>Example Courier</ceb:logisticsName>"
)
_CONSIGNEE = "<ceb:consigneeAddress>Example Road {n}</ceb:consigneeAddress>"
_GOODS = "<ceb:currency>142</ceb:currency><ceb:qty>2</ceb:qty><ceb:unit>011</ceb:unit>"
DOCUMENTS = {
    "CEB311Message": f"""<ceb:Order><ceb:OrderHead>{_SENT}<ceb:orderType>I</ceb:orderType>
<ceb:orderNo>ORDER-{{n}}</ceb:orderNo>{_SALE}<ceb:goodsValue>120</ceb:goodsValue><ceb:freight>10</ceb:freight>
<ceb:discount>0</ceb:discount><ceb:taxTotal>11.83</ceb:taxTotal><ceb:acturalPaid>141.83</ceb:acturalPaid>
<ceb:currency>142</ceb:currency><ceb:buyerRegNo>user-{{n}}</ceb:buyerRegNo>
<ceb:buyerName>Buyer {{n}}</ceb:buyerName>
<ceb:buyerTelephone>13900000000</ceb:buyerTelephone>{_BUYER}<ceb:consignee>Buyer {{n}}</ceb:consignee>
<ceb:consigneeTelephone>13900000000</ceb:consigneeTelephone>{_CONSIGNEE}</ceb:OrderHead><ceb:OrderList>
<ceb:gnum>1</ceb:gnum><ceb:itemName>T-shirt</ceb:itemName><ceb:gmodel>cotton</ceb:gmodel>
<ceb:unit>011</ceb:unit>
<ceb:qty>2</ceb:qty><ceb:price>60</ceb:price><ceb:totalPrice>120</ceb:totalPrice>
<ceb:currency>142</ceb:currency>
<ceb:country>304</ceb:country></ceb:OrderList></ceb:Order>""",
    "CEB411Message": f"""<ceb:Payment><ceb:PaymentHead>{_SENT}<ceb:payCode>9911000003</ceb:payCode>
<ceb:payName>Example Wallet</ceb:payName><ceb:payTransactionId>PAY-{{n}}</ceb:payTransactionId>
<ceb:orderNo>ORDER-{{n}}</ceb:orderNo><ceb:ebpCode>9911000001</ceb:ebpCode>
<ceb:ebpName>Example Platform</ceb:ebpName>
<ceb:payerIdType>1</ceb:payerIdType><ceb:payerIdNumber>1101011990{{n:08d}}</ceb:payerIdNumber>
<ceb:payerName>Buyer {{n}}</ceb:payerName><ceb:telephone>13900000000</ceb:telephone>
<ceb:amountPaid>141.83</ceb:amountPaid><ceb:currency>142</ceb:currency>
<ceb:payTime>20260301093100</ceb:payTime>
</ceb:PaymentHead></ceb:Payment>""",
    "CEB511Message": f"""<ceb:Logistics><ceb:LogisticsHead>{_SENT}{_COURIER}
<ceb:logisticsNo>WB-{{n}}</ceb:logisticsNo><ceb:orderNo>ORDER-{{n}}</ceb:orderNo><ceb:freight>10</ceb:freight>
<ceb:insuredFee>0</ceb:insuredFee><ceb:currency>142</ceb:currency><ceb:weight>0.5</ceb:weight>
<ceb:packNo>1</ceb:packNo>
<ceb:goodsInfo>T-shirt</ceb:goodsInfo><ceb:consignee>Buyer {{n}}</ceb:consignee>{_CONSIGNEE}
<ceb:consigneeTelephone>13900000000</ceb:consigneeTelephone></ceb:LogisticsHead></ceb:Logistics>""",
    "CEB621Message": f"""<ceb:Inventory>
<ceb:InventoryHead>{_SENT}<ceb:orderNo>ORDER-{{n}}</ceb:orderNo>{_SALE}
<ceb:logisticsNo>WB-{{n}}</ceb:logisticsNo>{_COURIER}<ceb:copNo>COP-{{n}}</ceb:copNo>
<ceb:assureCode>A1</ceb:assureCode>
<ceb:ieFlag>I</ceb:ieFlag><ceb:declTime>20260302</ceb:declTime><ceb:customsCode>0101</ceb:customsCode>
<ceb:portCode>0101</ceb:portCode>
<ceb:ieDate>20260302</ceb:ieDate>{_BUYER}<ceb:buyerName>Buyer {{n}}</ceb:buyerName>
<ceb:buyerTelephone>13900000000</ceb:buyerTelephone>{_CONSIGNEE}<ceb:agentCode>9911000005</ceb:agentCode>
<ceb:agentName>Example Agent</ceb:agentName><ceb:tradeMode>9610</ceb:tradeMode><ceb:trafMode>5</ceb:trafMode>
<ceb:trafNo>XX100</ceb:trafNo><ceb:voyageNo>XX100</ceb:voyageNo><ceb:billNo>999-12345675</ceb:billNo>
<ceb:country>304</ceb:country><ceb:freight>10</ceb:freight><ceb:insuredFee>0</ceb:insuredFee>
<ceb:currency>142</ceb:currency><ceb:packNo>1</ceb:packNo><ceb:grossWeight>0.5</ceb:grossWeight>
<ceb:netWeight>0.4</ceb:netWeight></ceb:InventoryHead><ceb:InventoryList><ceb:gnum>1</ceb:gnum>
<ceb:gcode>6109100021</ceb:gcode><ceb:gname>T-shirt</ceb:gname><ceb:gmodel>cotton</ceb:gmodel>
<ceb:country>304</ceb:country>{_GOODS}<ceb:qty1>2</ceb:qty1><ceb:unit1>011</ceb:unit1>
<ceb:price>60</ceb:price>
<ceb:totalPrice>120</ceb:totalPrice></ceb:InventoryList></ceb:Inventory>""",
}
_AROUND = """<?xml version="1.0" encoding="UTF-8"?>
<ceb:{name} guid="0A1B2C3D-0000-4000-8000-{first:012d}" version="1.0" xmlns:ceb="http://www.chinaport.gov.cn/ceb">
{bodies}<ceb:BaseTransfer><ceb:copCode>9911000001</ceb:copCode><ceb:copName>Example</ceb:copName>
<ceb:dxpMode>DXP</ceb:dxpMode><ceb:dxpId>DXPEXAMPLE0000001</ceb:dxpId>
</ceb:BaseTransfer>{signature}</ceb:{name}>"""
_SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'


def messages(name: str, purchases_count: int) -> Iterator[bytes]:
    """Write the documents of one kind, a hundred in a message."""
    signature = _SIGNATURE if name == "CEB621Message" else ""
    for first in range(1, purchases_count + 1, DOCUMENTS_COUNT_MAX):
        numbers = range(first, min(first + DOCUMENTS_COUNT_MAX, purchases_count + 1))
        bodies = "".join(DOCUMENTS[name].format(n=number) for number in numbers)
        yield _AROUND.format(name=name, first=first, bodies=bodies, signature=signature).encode()


def reading_us(content: bytes) -> float:
    """Return processor time to read a document, the best of some."""
    times = []
    for _ in range(10):
        begin = time.process_time()
        message, _ = decode_ceb(content)
        times.append(time.process_time() - begin)
    assert message is not None
    return min(times) / len(message.documents) * 1e6


async def send(base: str, key: str, contents: list[bytes], connections_count: int) -> Counter[str]:
    """Send messages over some connections; how many answers of each status came."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/xml"}
    waiting, statuses = list(reversed(contents)), Counter[str]()

    async def work(client: httpx2.AsyncClient) -> None:
        while waiting:
            answer = await client.post("/v1/messages/ceb", content=waiting.pop())
            assert answer.status_code == 200, answer.text
            receipts, faults = decode_receipts(answer.content)
            assert not faults, faults
            statuses.update(one.status_code for one in receipts)

    async with httpx2.AsyncClient(base_url=base, headers=headers, timeout=120) as client:
        await asyncio.gather(*(work(client) for _ in range(connections_count)))
    return statuses


def run(purchases_count: int, connections_count: int) -> dict[str, Any]:
    """Send all four messages of so many purchases to a server of its own.

    Returns documents, seconds by the clock, us of the server and of the client a document, and by message:
    us, of these reading, answers by status.
    """
    kinds: dict[str, Any] = {}
    server_s = client_s = seconds = 0.0
    with served(1, roles=ROLES) as server:
        base = f"http://{server.address.host}:{server.address.port}"
        for name in DOCUMENTS:
            contents = list(messages(name, purchases_count))
            read_us = reading_us(contents[0])
            before, own, begun = tree_cpu_s(server.pids), time.process_time(), time.perf_counter()
            statuses = asyncio.run(send(base, server.address.api_key, contents, connections_count))
            seconds += time.perf_counter() - begun
            used, own = tree_cpu_s(server.pids) - before, time.process_time() - own
            server_s, client_s = server_s + used, client_s + own
            kinds[name] = {
                "us": round(used / purchases_count * 1e6),
                "reading_us": round(read_us),
                "answers": dict(statuses),
            }
    count = purchases_count * len(DOCUMENTS)
    return {
        "documents": count,
        "seconds": round(seconds, 2),
        "documents_per_s": round(count / seconds),
        "server_us": round(server_s / count * 1e6, 1),
        "client_us": round(client_s / count * 1e6, 1),
        "documents_per_s_by_processor_time": round(CORES_COUNT * count / server_s),
        "kinds": kinds,
    }


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--purchases", type=int, default=5_000)
    parser.add_argument("--connections", type=int, default=16)
    asked = parser.parse_args()
    print(json.dumps(run(asked.purchases, asked.connections), indent=1))


if __name__ == "__main__":
    main()
