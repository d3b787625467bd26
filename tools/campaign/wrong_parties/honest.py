"""Those whose business it is, and what they have: parcels in every state, and all numbers that stand for
something of theirs.

Names, addresses, goods and numbers of theirs are invented with one mark in them, so that any of them is found
in any answer.
"""

import re
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from serai.foundation.clock import SystemClock
from serai.foundation.id_text import format_id, parse_id
from serai.model.registration_number import read_id, registration_numbers

from tools.campaign.bodies import LIST_KIND
from tools.campaign.furnishing import Furnisher, sample_of
from tools.campaign.sound_bodies import NOWHERE, QUOTE
from tools.campaign.wrong_parties.place import Office, Place

MARK: Final = "QZV"
ABSENT_MARK: Final = "QZW"
"""Of numbers that stand for nothing."""
ID: Final = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}-[0-9A-HJKMNP-TV-Z]{2}\b")
_FIELD: Final = re.compile(
    r'"(\w+)":"([0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}-[0-9A-HJKMNP-TV-Z]{2})"'
)
_OF_DECISION: Final = "urn:x-serai:decision:"
_FAR: Final = 7 << 24
STORIES_COUNT: Final = 6
_REGISTRATION: Final = re.compile(r'"mrn":"([^"]+)"')
_PATIENCE_S: Final = 60
_STATEMENT: Final = Path(__file__).parents[3] / "examples" / "standards" / "iso20022-statement.xml"


class Known(NamedTuple):
    """What wrong parties know. by_name: numbers by what they are for. ids, registrations: the honest's.
    seen_by: whose key reads what, for a look before and after. published: by route, what it tells everybody
    who may ask it."""

    by_name: dict[str, list[str]]
    ids: frozenset[str]
    registrations: frozenset[str]
    seen_by: list[tuple[Office, str]]
    published: Mapping[str, frozenset[str]]


def absent_of(known: str) -> str:
    """Return what has the form of a number, and stands for nothing."""
    if ID.fullmatch(known):
        return format_id(parse_id(known) + _FAR)
    if registered := read_id(known):
        return registration_numbers(np.array([registered + _FAR]), 2000 + int(known[:2]), known[2:4])[0]
    if known.startswith(_OF_DECISION):
        return f"{_OF_DECISION}{int(known.removeprefix(_OF_DECISION)) + _FAR}"
    if re.fullmatch("[0-9a-f]{14,16}", known):
        return f"{int(known, 16) + _FAR:x}"
    absent = re.sub(MARK, lambda found: ABSENT_MARK if found[0].isupper() else "qzw", known, flags=re.I)
    assert absent != known, f"nobody knows what stands for nothing like {known}"
    return absent


def settle(place: Place) -> Known:
    """Register the honest, have them do their business, and learn every number of it."""
    registrar = Office(place.url, place.administrator)
    customs = Office(place.url, place.officer)
    house = _House(place, registrar, customs)
    house.tell()
    return house.learn()


class _House:
    def __init__(self, place: Place, registrar: Office, customs: Office) -> None:
        self._registrar, self._customs = registrar, customs
        self._by_name: dict[str, list[str]] = {}
        self._ids: set[str] = set()
        self._registrations: set[str] = set()
        self._offices: dict[str, Office] = {}
        self._seen_by: list[tuple[Office, str]] = []
        for role in (
            "platform",
            "payment_provider",
            "carrier",
            "declarant",
            "seller",
            "post",
            "agency",
            "rights_holder",
        ):
            name = f"{MARK}-{role.upper()}"
            party, key = registrar.register(name, (role,), identifier=name)
            self._offices[role] = Office(place.url, key)
            self._add("party", party)
            self._add("identifier", name)

    def tell(self) -> None:
        """Tell what happens to each parcel, and whatever else parties have."""
        # First of all, while no other party has a score to dispute.
        made = Furnisher(self._customs.url, self._customs.session, SystemClock().now()).furnish(f"{MARK}-F")
        for name, ids in made.ids.items():
            for one in ids:
                self._add(name, one)
        self._add("quote", *made.quotes)
        for number in range(STORIES_COUNT):
            self._tell_story(f"{MARK}-ST-{number}", number)
        for role in ("declarant", "carrier", "platform", "payment_provider"):
            self._have_things(role)
        self._propose_and_recall()
        self._come_before_an_agency()

    def _come_before_an_agency(self) -> None:
        """A sword waits for the word of an agency whose rule keeps it."""
        agency = self._by_name["party"][6]
        self._registrar.post("/v1/agencies/remits", {"party": agency, "rule_id": "eu-swords"})
        trusted = {"party": agency, "kid": f"{MARK}-AGENCY-KEY", "public_key": "A" * 43}
        self._add("kid", str(self._registrar.post("/v1/agencies/keys", trusted)["kid"]))
        declared = marked_sample("declaration", f"{MARK}-SWORD")
        declared["goods_items"][0] |= {"commodity_code": "93070000", "description": "antique sword"}
        self._offices["declarant"].post("/v1/declarations", declared)
        for one in self._offices["agency"].get("/v1/agency/parcels")["parcels"]:
            self._add("parcel", str(one["parcel"]))
            self._seen_by.append((self._offices["agency"], f"/v1/agency/parcels/{one['parcel']}"))

    def _tell_story(self, name: str, number: int) -> None:
        named = {"declarant_id": f"{MARK}-DECLARANT"}
        self._add("reference", name)
        if number % 3:
            order = marked_sample("order", name) | named
            order["platform_id"], order["seller_id"] = f"{MARK}-PLATFORM", f"{MARK}-SELLER"
            order["detail"] = {"payment_provider_id": f"{MARK}-PAYMENT_PROVIDER"}
            self._offices["platform"].post("/v1/orders", order)
            self._offices["payment_provider"].post("/v1/payments", marked_sample("payment", name) | named)
            self._offices["carrier"].post(
                "/v1/transport-documents", marked_sample("transport-document", name) | named
            )
        declared = marked_sample("declaration", name)
        declared["platform_id"], declared["seller_id"] = f"{MARK}-PLATFORM", f"{MARK}-SELLER"
        declared["detail"] = {
            "carrier": {"country_code": "CN", "party_identifier": f"{MARK}-CARRIER", "name": "Qzv Line"}
        }
        if number == 2:
            # India lets nobody import it.
            declared["goods_items"][0] |= {
                "commodity_code": "85434000",
                "description": "electronic cigarette",
            }
            declared["consignee"] |= {"country_code": "IN", "city": "Qzvpune", "postcode": "411001"}
        filed = self._offices["declarant"].post("/v1/declarations", declared)
        case_id = str(filed["case_id"])
        self._add("case_id", case_id)
        self._seen_by += [
            (self._offices["declarant"], f"/v1/cases/{case_id}{part}")
            for part in ("", "/charges", "/history", "/decision", "/acts")
        ]
        if number == 1:
            paid = {"reference": name, "kind": "paid", "currency_code": "EUR", "amount": "500.00"}
            self._customs.post(f"/v1/cases/{case_id}/payment-records", paid)
            self._offices["carrier"].post("/v1/arrivals", marked_sample("arrival", name))
        if number == 2:
            decision = self._offices["declarant"].get(f"/v1/cases/{case_id}/decision")["decision"]
            asked = {"reference": name, "decision_id": decision["decision_id"], "reason": "Qzv toothbrush"}
            request = self._offices["declarant"].post(f"/v1/cases/{case_id}/review-requests", asked)
            self._add("act", str(request["act_id"]))
        self._offices["carrier"].post("/v1/epcis/capture", events_of(name))

    def _have_things(self, role: str) -> None:
        office, name = self._offices[role], f"{MARK}-{role}"
        hook = office.post("/v1/webhooks", {"reference": name, "url": f"{NOWHERE}/{name}"})
        self._add("webhook", str(hook["webhook"]))
        office.post("/v1/epcis/queries", {"name": f"{MARK}-query", "query": {}})
        self._add("query_name", f"{MARK}-query")
        granted = office.post(
            "/v1/mandates",
            {"reference": name, "grantee_identifier": f"{MARK}-POST", "document_kinds": ["order"]},
        )
        self._add("mandate_id", str(granted["mandate_id"]))
        quote = office.post("/v1/quotes", {**QUOTE, "reference": name} if "reference" in QUOTE else QUOTE)
        self._add("quote", str(quote["offer"]["signed"]))
        if role == "declarant":
            head = marked_sample("declaration", f"{MARK}-BULK")
            within = [
                {**head, "reference": f"{MARK}-BULK-{number}", "order_references": []} for number in (1, 2)
            ]
            for one in within:
                one |= {"house_document": one["reference"], "ucr": one["reference"]}
            office.post("/v1/bulk-declarations", {"reference": f"{MARK}-BULK", "declarations": within})
            self._add("bulk", f"{MARK}-BULK")

    def _propose_and_recall(self) -> None:
        listed = b"entry_id,name,kind_code\n1,Qzv Listed,person\n"
        _, key = self._registrar.register(f"{MARK}-LISTS", ("legal",), person="qzv-ann")
        lists = Office(self._registrar.url, key)
        proposed = lists.post(f"/v1/lists/{LIST_KIND}?name={MARK}.csv", (listed, "text/csv"))
        self._add("proposal", str(proposed["proposal"]))
        self._registrar.post(
            "/v1/guarantees",
            {
                "number": f"{MARK}-GUARANTEE",
                "party": self._by_name["party"][0],
                "kind": "comprehensive",
                "guarantor": "Qzv Bank",
                "reference_amount": "900.00",
                "currency_code": "EUR",
            },
        )
        self._add("number", f"{MARK}-GUARANTEE")
        held = {"party": self._by_name["party"][0], "scheme_kind_code": "IOSS", "number": "IM3720000224"}
        self._add("scheme", str(self._registrar.post("/v1/schemes", held)["scheme"]))
        believed = {"issuer": "qzv.example", "kid": f"{MARK}-KEY", "public_key": "A" * 43}
        self._add("issuer_key", str(self._registrar.post("/v1/token-issuers", believed)["key_id"]))
        self._registrar.post(
            "/v1/payment-accounts",
            {
                "number": f"{MARK}-ACCOUNT",
                "party": self._by_name["party"][0],
                "way": "deferred",
                "currency_code": "EUR",
                "limit_amount": "900.00",
            },
        )
        self._add("account_number", f"{MARK}-ACCOUNT")
        # Two payments that are for no case wait for a person.
        self._registrar.post("/v1/bank-statements", (_STATEMENT.read_bytes(), "application/xml"))
        for one in self._registrar.get("/v1/bank-movements")["movements"]:
            self._add("movement", str(one["movement"]))
        lodged = self._offices["rights_holder"].post(
            "/v1/recordals",
            {
                "reference": MARK,
                "kind_code": "trade-mark",
                "right_number": f"{MARK}-REGISTER",
                "marks": ["Qzvbrand"],
                "hs_prefixes": ["6109"],
                "last_day": (SystemClock().now().date() + timedelta(days=100)).isoformat(),
                "contact_name": "Qzv office",
                "contact_email": "qzv@holder.example",
            },
        )
        self._add("recordal_id", str(lodged["recordal_id"]))
        self._detain()
        told = self._offices["agency"].post(
            "/v1/recalls",
            {
                "reference": MARK,
                "reason_code": "qzv-magnets",
                "rule": {"hs_prefixes": ["610910"], "words": ["Qzvcloth"]},
                "law_reference": "Qzv Regulation",
            },
        )
        recall = str(told["recall_id"])
        self._add("recall_id", recall)
        end = time.monotonic() + _PATIENCE_S
        found: Any = told
        while found["state"] == "counting" and time.monotonic() < end:
            time.sleep(0.2)
            found = self._offices["agency"].get(f"/v1/recalls/{recall}")
        if found["state"] == "counted":
            expected = {"expected_count": found["hit_count"]}
            self._offices["agency"].post(f"/v1/recalls/{recall}/confirmation", expected)
        # A second recall, that nobody has confirmed.
        other = self._offices["agency"].post(
            "/v1/recalls",
            {"reference": f"{MARK}-2", "reason_code": "qzv-paint", "rule": {"words": ["Qzvpaint"]}},
        )
        self._add("recall_id", str(other["recall_id"]))

    def _detain(self) -> None:
        """Detain goods of a parcel for a right, without a recordal."""
        name = f"{MARK}-DETAINED"
        filed = self._offices["declarant"].post("/v1/declarations", marked_sample("declaration", name))
        order = {"reference": name, "expected_decision_id": str(filed["decision"]["decision_id"])}
        begun = self._customs.post(f"/v1/cases/{filed['case_id']}/rights-detentions", order)
        self._add("detention_id", str(begun["detention_id"]))

    # ---- what there is ----

    def learn(self) -> Known:
        """Read everything that the honest may read, and note every number in it."""
        registrar, customs = self._registrar, self._customs
        for case_id in dict.fromkeys([*self._by_name["case_id"], *self._by_name["released_case"]]):
            for part in _PARTS:
                self._note(customs.get(f"/v1/cases/{case_id}{part}"), f"/v1/cases/{{case_id}}{part}")
        for office in (customs, *self._offices.values()):
            for path in ("/v1/webhooks", "/v1/epcis/capture", "/v1/epcis/events?perPage=100", "/v1/mandates"):
                answer = office.session.get(office.url + path, timeout=_PATIENCE_S)
                if answer.ok:
                    self._note(answer.json(), path)
        hits = (f"/v1/recalls/{one}/hits" for one in self._by_name["recall_id"])
        for path in (*_LISTS, *hits):
            self._note(customs.get(path), path)
        keys = (f"/v1/parties/{one}/keys" for one in self._by_name["party"])
        for path in ("/v1/parties", "/v1/accounts", "/v1/administering-acts", "/v1/proposals", *keys):
            self._note(registrar.get(path), path)
        # Whoever's parcel flies under a number shares its transport unit: an id, and no honest party's own.
        units = msgspec.json.encode(customs.get(f"/parcels?search={MARK}")).decode()
        self._by_name["unit_id"] = [found for field, found in _FIELD.findall(units) if field == "unit_id"]
        # Where the honest have sent no split order, a number that is no group's stands for one.
        self._by_name.setdefault("group_id", self._by_name["case_id"][:1])
        names = self._by_name["reference"]
        self._by_name |= {
            "value": [f"urn:invented:parcel:{one}" for one in names],
            "place": [f"urn:invented:place:{one}" for one in names],
            "master_document": [f"{one}-M" for one in names],
            "conveyance": names,
            "act": self._by_name["act_id"],
            "released": [f"FREE-{MARK}-F-{number}" for number in range(4)],
            "mrn": sorted(self._registrations),
        }
        return Known(
            {name: list(dict.fromkeys(values)) for name, values in self._by_name.items()},
            frozenset(self._ids),
            frozenset(self._registrations),
            self._seen_by,
            {
                # Whom to ask for a permit is no secret, nor by which key it is signed.
                "GET /v1/agencies": frozenset(
                    {self._by_name["party"][6], f"{MARK}-AGENCY", f"{MARK}-AGENCY-KEY"}
                ),
                # By which keys tax-paid tokens are believed, every carrier may check.
                "GET /v1/token-issuers": frozenset({f"{MARK}-KEY", *self._by_name["issuer_key"]}),
            },
        )

    def _note(self, answer: Any, path: str) -> None:
        text = msgspec.json.encode(answer).decode()
        if path.endswith("/keys"):
            self._add("key", *re.findall(r'"key":"([0-9a-f]+)"', text))
        for field, found in _FIELD.findall(text):
            self._add(_NAMED.get(field, field), found)
        self._ids |= set(ID.findall(text))
        self._registrations |= set(_REGISTRATION.findall(text))
        for field, name in (("eventID", "event_id"), ("captureID", "capture_id")):
            for one in re.findall(rf'"{field}":"([^"]+)"', text):
                if one.startswith(_OF_DECISION) or field != "eventID":
                    self._add(name, one)
                elif not ID.search(one):
                    self._add("captured_event", one)

    def _add(self, name: str, *values: str) -> None:
        self._by_name.setdefault(name, []).extend(values)
        for one in values:
            self._ids |= set(ID.findall(one))


_ROLES: Final = (
    "platform", "payment_provider", "carrier", "declarant", "seller", "post", "agency", "rights_holder",
)  # fmt: skip
_PARTS: Final = (
    "", "/decision", "/history", "/charges", "/acts", "/notices", "/receipt", "/explanation",
    "/people?purpose=examination",
)  # fmt: skip
_LISTS: Final = (
    "/v1/pre-loading-assessments", "/v1/declarations", "/v1/recalls", "/v1/recordals",
    "/v1/split-shipments", "/v1/events?limit=1000",
)  # fmt: skip
_NAMED: Final = {"assessment_id": "assessment", "document": "document_id"}


def marked_sample(kind: str, name: str) -> dict[str, Any]:
    """Return our sample of a document under a number, with the mark in each name, address and description."""
    text = msgspec.json.encode(sample_of(kind, name)).decode()
    text = text.replace("Invented ", "Qzv ").replace("Example ", "Qzvway ")
    for word in ("T-shirt, cotton, knitted", "Backpack, textile", "T-shirts and a backpack"):
        text = text.replace(word, f"{word} Qzvcloth")
    document: dict[str, Any] = msgspec.json.decode(text)
    for field in ("master_document", "receptacle_id"):
        if field in document:
            document[field] = f"{name}-M"
    return document


def events_of(name: str, at: str = "2026-07-02T08:00:00Z", step: str = "arriving") -> dict[str, Any]:
    """Return an EPCIS document with an event about a parcel, at a place with its mark."""
    place = {"id": f"urn:invented:place:{name}"}
    event = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "eventTime": at,
        "eventTimeZoneOffset": "+00:00",
        "epcList": [f"urn:invented:parcel:{name}"],
        "bizStep": step,
        "disposition": "in_progress",
        "eventID": f"urn:invented:event:{name}-{step}",
        "bizLocation": place,
        "readPoint": place,
    }
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": at,
        "epcisBody": {"eventList": [event]},
    }
