"""What there is to see: cases of several documents, with a word of its own in each telling field."""

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, NamedTuple

import httpx2
from serai.journey.visibility.table import Viewer, may_see
from tests.journey.cases.world import LISTED_NAME, parcel

from tools.campaign.audiences.cast import IDENTIFIERS, Cast

PEOPLE: Final = "people"
_LETTERS: Final = "bcdfghjklmnpqrstvwxz"
_POSTCODE: Final = "D02 AF30"


class Token(NamedTuple):
    """A word that stands in one field of one document. named: parties that the document names."""

    text: str
    kind: str
    field: str
    sender_id: int
    named: frozenset[int]

    def is_for(self, viewer: Viewer) -> bool:
        """Say whether the table of sight lets a viewer read it. Names and addresses: nobody, whoever asks."""
        if self.kind == PEOPLE:
            return False
        return may_see(
            viewer,
            self.kind,
            self.field,
            is_sender=viewer.party_id == self.sender_id,
            names_viewer=viewer.party_id in self.named,
        )


class Told(NamedTuple):
    """A case, its words, and how its buyer finds it."""

    case_id: str
    number: str
    postcode: str
    tokens: list[Token]


def tell(cast: Cast, count: int, seed: int) -> list[Told]:
    """Send the documents of `count` cases, drawn from a seed."""
    random = Random(f"audiences:{seed}")
    return [_Case(cast, random, number).tell() for number in range(count)]


class _Case:
    def __init__(self, cast: Cast, random: Random, number: int) -> None:
        self._cast, self._random, self._number = cast, random, number
        self._tokens: list[Token] = []
        self._reference = f"AUD-{number}"
        self._platform = random.choice(("INVENTED-MARKET", "INVENTED-OTHER-MARKET"))
        self._seller = random.choice(("INVENTED-SHOP", "INVENTED-OTHER-SHOP"))
        self._payer = random.choice(("INVENTED-PAYMENTS", "INVENTED-OTHER-PAYMENTS"))

    def tell(self) -> Told:
        """Send what there is of the case: a declaration always, the others as it is drawn."""
        random = self._random
        if random.random() < 0.7:
            self._order()
        if random.random() < 0.7:
            self._payment()
        if random.random() < 0.5:
            self._transport()
        return Told(self._declaration(), self._house, _POSTCODE, self._tokens)

    @property
    def _house(self) -> str:
        return f"AUDHOUSE-{self._number}"

    def _declaration(self) -> str:
        sender = self._random.choice(("post", "broker", "other broker"))
        named = {self._platform, self._seller, "INVENTED-CARRIER"}
        word = self._words("declaration", sender, named)
        person = self._words(PEOPLE, sender, set())
        consignee_name = LISTED_NAME if self._random.random() < 0.2 else f"Ann {person('name')}"
        document = parcel(
            self._reference,
            house_document=self._house,
            order_references=[self._reference],
            ucr=f"UCR-{self._reference}",
            platform_id=self._platform,
            seller_id=self._seller,
            detail={
                "carrier": {
                    "country_code": "CN",
                    "party_identifier": "INVENTED-CARRIER",
                    "name": f"Line {person('name')}",
                }
            },
            freight_amount=f"{self._random.randint(1, 9)}.00",
            consignor={
                "name": f"Works {person('name')}",
                "country_code": "CN",
                "street": f"Road {person('street')}",
                "city": "Shenzhen",
            },
            consignee={
                "name": consignee_name,
                "country_code": "IE",
                "street": f"Lane {person('street')}",
                "city": "Dublin",
                "postcode": _POSTCODE,
                "email": f"{person('email')}@quux.example",
            },
        )
        item = document["goods_items"][0]
        vague = self._random.random() < 0.2
        item["description"] = ("gift " if vague else "T-shirt, cotton, knitted ") + word(
            "goods_items.description"
        )
        item["merchant_product_id"] = word("goods_items.merchant_product_id").upper()
        item["invoice_amount"] = f"{self._random.randint(5, 400)}.00"
        item["origin_country_code"] = self._random.choice(("CN", "TR", "VN"))
        self._tokens[-1] = self._tokens[-1]._replace(text=self._tokens[-1].text.upper())
        return str(self._send(sender, "/v1/declarations", document)["case_id"])

    def _order(self) -> None:
        sender = "platform" if self._platform == "INVENTED-MARKET" else "other platform"
        word = self._words("order", sender, {self._platform, self._seller, self._payer})
        person = self._words(PEOPLE, sender, set())
        document = {
            "reference": self._reference,
            "ucr": f"UCR-{self._reference}",
            "currency_code": "EUR",
            "lines": [
                {
                    "sequence_number": 1,
                    "description": f"T-shirt {word('lines.description')}",
                    "quantity": "1",
                    "amount": f"{self._random.randint(5, 400)}.00",
                    "commodity_code": "61091000",
                }
            ],
            "purchased_at": "2026-06-19T10:00:00Z",
            "platform_id": self._platform,
            "seller_id": self._seller,
            "detail": {"payment_provider_id": self._payer},
            "buyer": {"name": f"Ben {person('name')}", "country_code": "IE", "city": "Dublin"},
        }
        self._send(sender, "/v1/orders", document)

    def _payment(self) -> None:
        sender = "payer" if self._payer == "INVENTED-PAYMENTS" else "other payer"
        word = self._words("payment", sender, set())
        person = self._words(PEOPLE, sender, set())
        document = {
            "reference": word("reference").upper(),
            "ucr": f"UCR-{self._reference}",
            "amount": f"{self._random.randint(5, 400)}.00",
            "currency_code": "EUR",
            "paid_at": "2026-06-19T10:00:05Z",
            "order_references": [self._reference],
            "payer": {"name": f"Cyd {person('name')}", "country_code": "IE", "city": "Dublin"},
        }
        self._tokens[-2] = self._tokens[-2]._replace(text=self._tokens[-2].text.upper())
        self._send(sender, "/v1/payments", document)

    def _transport(self) -> None:
        word = self._words("transport-document", "carrier", set())
        person = self._words(PEOPLE, "carrier", set())
        document = {
            "reference": f"T-{self._reference}",
            "ucr": f"UCR-{self._reference}",
            "house_document": self._house,
            "logistics_channel_code": "post",
            "master_document": "999-12345675",
            "conveyance_reference": "XX100-2026-06-30",
            "gross_mass_kg": "0.150",
            "packages": [{}],
            "description": f"T-shirts, cotton {word('description')}",
            "consignor": {"name": f"Dee {person('name')}", "country_code": "CN", "city": "Shenzhen"},
            "consignee": {"name": f"Eve {person('name')}", "country_code": "IE", "city": "Dublin"},
        }
        self._send("carrier", "/v1/transport-documents", document)

    def _words(self, kind: str, sender: str, named: set[str]) -> Callable[[str], str]:
        sender_id = self._cast.readers[sender].viewer.party_id
        assert sender_id is not None
        ids = frozenset(IDENTIFIERS[one] for one in named)

        def make(field: str) -> str:
            text = "q" + "".join(self._random.choices(_LETTERS, k=11))
            self._tokens.append(Token(text, kind, field, sender_id, ids))
            return text

        return make

    def _send(self, sender: str, path: str, document: Mapping[str, Any]) -> Any:
        reader = self._cast.readers[sender]
        headers = {"authorization": f"Bearer {reader.key}", "content-type": "application/json"}
        answer = httpx2.post(
            self._cast.world.address + path,
            content=json.dumps(document).encode(),
            headers=headers,
            timeout=60,
        )
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json()
