"""A carrier asks before it loads, in the words of ICS: filing, referral, answer, screening, arrival."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from lxml import etree

from tests.beside import SHARED, needs
from tests.feed import wait_until_shown
from tests.journey.cases.world import World, running_world

_ROOT = Path(__file__).parents[2]
_SCHEMAS = SHARED / "reference" / "ics" / "xsd"
_MESSAGE = (_ROOT / "examples" / "standards" / "ics-entry-summary.xml").read_text()
_XML = {"content-type": "application/xml"}
_SCREENED = """<IE3R03><MRN>{mrn}</MRN>
<TransportDocumentHouseLevel><documentNumber>HAWB000002</documentNumber></TransportDocumentHouseLevel>
<HRCMScreening><methodCode>XRY</methodCode><resultCode>1</resultCode>
<dateTime>2026-06-20T09:00:00+00:00</dateTime></HRCMScreening></IE3R03>"""
_ARRIVED = """<IE3N06><conveyanceReferenceNumber>BA1326</conveyanceReferenceNumber>
<actualDateAndTimeOfArrival>2026-07-01T12:00:00+00:00</actualDateAndTimeOfArrival></IE3N06>"""


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(world_database, tmp_path_factory.mktemp("node")) as running:
        yield running


class Carrier:
    """A carrier's system: sends messages, and reads what is told later from where it stopped."""

    def __init__(self, client: httpx2.Client, dsn: str) -> None:
        self.client, self.dsn = client, dsn
        self.after: str | None = None
        # Tests share the carrier, in any order: what others were told comes before.
        self.told(wait_s=0)

    def send(self, message: str) -> httpx2.Response:
        return self.client.post("/v1/messages/ics", content=message.encode(), headers=_XML)

    def told(self, wait_s: float = 5) -> list[tuple[str, str, str]]:
        """Message, house document and registration number of each later answer.

        An event is shown once all earlier transactions have ended, others' too: so there is something to wait
        for.
        """
        wait_until_shown(self.dsn)
        query = {"limit": "1000", "wait_s": str(wait_s)} | (
            {} if self.after is None else {"after": self.after}
        )
        page = self.client.get("/v1/messages/ics/answers", params=query).json()
        self.after = page["next_after"]
        found = []
        for one in page["answers"]:
            root = etree.fromstring(one["content"].encode())
            name = etree.QName(root).localname
            found.append((name, root.findtext(".//{*}documentNumber"), root.findtext("{*}MRN")))
        return found


def amended(message: str, mrn: str) -> str:
    """The amendment (CC313A) of an entry summary."""
    return (
        message.replace("CC315A", "CC313A")
        .replace("MSG0001", "MSG0002")
        .replace("<RefNumHEA4>LRN0001</RefNumHEA4>", f"<DocNumHEA5>{mrn}</DocNumHEA5>")
        .replace("<DecPlaHEA394>Leeds</DecPlaHEA394>", "<AmdPlaHEA598>Leeds</AmdPlaHEA598>")
        .replace(
            "<DecDatTimHEA114>202604010910</DecDatTimHEA114>",
            "<DatTimAmeHEA113>202604010930</DatTimAmeHEA113>",
        )
    )


def test_from_filing_to_arrival(world: World) -> None:
    with world.client("rival") as client, world.client("officer") as officer:
        carrier = Carrier(client, world.dsn)
        vague = _MESSAGE.replace("cotton shirts", "parts", 1)
        taken = carrier.send(vague)
        assert taken.status_code == 200, taken.text
        assert "CorrelationId" in taken.text
        told = carrier.told()
        mrn = told[0][2]
        assert [one[:2] for one in told] == [
            ("IE328", "HAWB000001"),
            ("IE3Q02", "HAWB000001"),
            ("IE328", "HAWB000002"),
            ("IE3N03", "HAWB000002"),
        ]

        # The answer to a question is an amendment; what was not asked about stays as it is.
        assert carrier.send(amended(_MESSAGE, mrn)).status_code == 200
        assert ("IE3N03", "HAWB000001", mrn) in carrier.told()

        # An officer wants a closer look: the goods are screened, and nothing is found.
        open_now = client.get("/v1/pre-loading-assessments", params={"outcome": "assessment-complete"}).json()
        assert open_now["assessments"] == []
        standing = client.get("/v1/transport-documents/MSG0001-2/pre-loading").json()
        word = {"outcome": "request-for-screening", "words": "Please x-ray it."}
        asked = officer.post(f"/v1/pre-loading-assessments/{standing['decision_id']}/decision", json=word)
        assert asked.status_code == 200, asked.text
        assert [one[:2] for one in carrier.told()] == [("IE3Q03", "HAWB000002")]
        assert carrier.send(_SCREENED.format(mrn=mrn)).status_code == 200
        assert [one[:2] for one in carrier.told()] == [("IE3N03", "HAWB000002")]

        told_at_last = client.get("/v1/messages/ics/answers", params={"limit": "1000"}).json()["answers"][-1]
        history = officer.get(f"/v1/cases/{told_at_last['case_id']}/history").json()["moments"]
        assert [one["status"] for one in history if one["kind"] == "pre-loading-assessed"] == [
            "assessment-complete",
            "assessment-complete",
            "request-for-screening",
            "assessment-complete",
        ]

        assert carrier.send(_ARRIVED).status_code == 200
        again = carrier.send(_ARRIVED)
        assert again.status_code == 200


def test_what_nothing_reads_is_told_and_kept(world: World) -> None:
    message = _MESSAGE.replace("MSG0001", "MSG0005").replace("HAWB0", "HAWB5").encode()
    with world.client("rival") as client, world.client("officer") as officer:
        answer = client.post(
            "/v1/messages/ics", content=message, headers=_XML | {"accept": "application/json"}
        ).json()["answers"][0]
        told = {one["pointer"] for one in answer["findings"] if one["code"] == "unread-element"}
        assert "/ie:CC315A[1]/GOOITEGDS[1]/COMCODGODITM[1]/ComNomCMD1[1]" in told
        assert "case_id" not in answer, "nothing is declared"
        # What waits opens a case of its own under its number, which officers see.
        case = answer["document_id"]
        people = officer.get(
            f"/v1/cases/{case}/people",
            params={"purpose": "examination"},
            headers={"serai-acting-person": "Ann"},
        )
    assert "610910" in people.text


def test_do_not_load_is_told_with_its_reason(world: World) -> None:
    with world.client("post") as client, world.client("officer") as officer:
        carrier = Carrier(client, world.dsn)
        assert carrier.send(_MESSAGE.replace("HAWB0000", "HAWB9900")).status_code == 200
        carrier.told()
        waiting = client.get("/v1/transport-documents/MSG0001-1/pre-loading").json()
        word = {"outcome": "do-not-load", "words": "The goods may burn in flight."}
        officer.post(f"/v1/pre-loading-assessments/{waiting['decision_id']}/decision", json=word)
        page = client.get("/v1/messages/ics/answers", params={"after": carrier.after, "wait_s": 5}).json()
        (content,) = [one["content"] for one in page["answers"]]
        assert "IE3Q01" in content
        assert "may burn in flight" in content
        assert "appeal" in content
        refused = client.post(f"/v1/pre-loading-assessments/{waiting['decision_id']}/decision", json=word)
        assert refused.status_code == 403


@pytest.mark.in_turn
def test_a_faulty_message_is_answered_with_all_its_errors(world: World) -> None:
    faulty = _MESSAGE.replace("<GroMasGDS46>1.5</GroMasGDS46>", "<GroMasGDS46>x</GroMasGDS46>")
    with world.client("rival") as client:
        answer = Carrier(client, world.dsn).send(faulty)
        assert answer.status_code == 422
        assert answer.text.count("<err:Number>4065</err:Number>") == 2
        as_json = client.post(
            "/v1/messages/ics",
            content=faulty.encode(),
            headers=_XML | {"accept": "application/json"},
        ).json()
        assert as_json["code"] == "document-faulty"
        unknown = Carrier(client, world.dsn).send(
            amended(_MESSAGE, "26GBABCDEFGHIJKLM0").replace("HAWB", "NONE")
        )
        assert "entry-summary-unknown" in unknown.text


@needs(_SCHEMAS)
def test_answers_at_once_are_valid_against_the_published_schemas(world: World) -> None:
    errors = etree.XMLSchema(etree.parse(_SCHEMAS / "errorresponse-v2.0.xsd"))
    data = etree.XMLSchema(etree.parse(_SCHEMAS / "ics_response_data-v7-0.xsd"))
    with world.client("rival") as client:
        carrier = Carrier(client, world.dsn)
        refused = etree.fromstring(carrier.send("<CC315A/>").content)
        taken = etree.fromstring(
            carrier.send(_MESSAGE.replace("MSG0001", "MSG0009").replace("HAWB0", "HAWB7")).content
        )
    errors.assertValid(refused)
    data.assertValid(taken.find(".//{*}ICSResponseData"))
