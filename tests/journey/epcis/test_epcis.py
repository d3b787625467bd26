"""Visibility events over HTTP: taken once, found by thing and order, seen by whom they concern."""

import base64
import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from serai.formats.epcis.identifiers import check_digit
from serai.journey.epcis.pages_of_answers import write_token
from serai.journey.tracking import custody, refusals
from tests.beside import SHARED, needs
from tests.journey.cases.world import CUSTOMS, World, file, parcel

CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
EXAMPLE = "https://ns.example.com/#"
HOME = "/v1/epcis"
EPCIS = SHARED / "reference" / "epcis" / "events"
PIECES = (
    b"",
    b"0",
    b"\0",
    b"null",
    b"<a/>",
    b"]",
    b"}",
    b'"',
    b"\xff",
    b"-1e400",
    b"urn:",
    b"9999-12-31T23:59:59Z",
)


def event(**fields: Any) -> dict[str, Any]:
    plain = {
        "type": "ObjectEvent",
        "eventTime": "2026-06-28T08:00:00.000Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": "departing",
        "epcList": ["https://id.gs1.org/00/106141412345678908"],
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0"},
    }
    return {name: value for name, value in {**plain, **fields}.items() if value is not None}


def document(*events: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "@context": [CONTEXT, {"ex": EXAMPLE}],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-06-28T09:00:00Z",
            "epcisBody": {"eventList": list(events)},
        }
    ).encode()


def capture(client: httpx2.Client, *events: dict[str, Any], **headers: str) -> httpx2.Response:
    return client.post(
        f"{HOME}/capture",
        content=document(*events),
        headers={"content-type": "application/json", **headers},
    )


def found(client: httpx2.Client, **parameters: str) -> list[dict[str, Any]]:
    answer = client.get(f"{HOME}/events", params=parameters)
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return events


def test_a_capture_is_taken_once_and_its_job_says_so(world: World) -> None:
    with world.client("post") as client:
        first = capture(client, event(bizStep="loading"))
        again = capture(client, event(bizStep="loading"))
        job = client.get(first.headers["location"])

    assert first.status_code == 202, first.text
    assert first.json()["success"] is True
    assert (again.json()["takenCount"], again.json()["repeatedCount"]) == (1, 1)
    assert again.json()["eventIDs"] == first.json()["eventIDs"]
    assert job.json()["captureID"] == first.json()["captureID"]
    assert job.json()["running"] is False
    assert first.json()["eventIDs"][0].startswith("ni:///sha-256;")


def test_a_single_event_is_created_and_read_by_its_address(world: World) -> None:
    with world.client("post") as client:
        body = json.dumps({"@context": CONTEXT, **event(bizStep="unloading")})
        created = client.post(f"{HOME}/events", content=body, headers={"content-type": "application/ld+json"})
        read = client.get(created.headers["location"])

    assert created.status_code == 201, created.text
    assert created.json()["eventID"].startswith("ni:///sha-256;")
    (told,) = read.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert told["eventID"] == created.json()["eventID"]
    assert told["bizStep"] == "unloading"
    assert told["recordTime"]


def test_faults_refuse_the_whole_message_unless_it_proceeds(world: World) -> None:
    sound, faulty = event(bizStep="repairing"), event(bizStep="repairing", action="MOVE")
    with world.client("post") as client:
        refused = capture(client, sound, faulty)
        none = found(client, EQ_bizStep="repairing")
        proceeded = capture(client, sound, faulty, **{"GS1-Capture-Error-Behaviour": "proceed"})
        one = found(client, EQ_bizStep="repairing")
        job = client.get(proceeded.headers["location"]).json()

    assert refused.status_code == 400
    assert refused.json()["type"] == "epcisException:ValidationException"
    assert refused.json()["code"] == "epcis-not-valid"
    assert [fault["pointer"] for fault in refused.json()["findings"]] == ["/epcisBody/eventList/1/action"]
    assert none == []
    assert proceeded.status_code == 202
    assert (job["success"], job["takenCount"], job["eventCount"]) == (False, 1, 2)
    assert [fault["code"] for fault in job["errors"]] == ["epcis-code-unknown"]
    assert len(one) == 1


def test_xml_and_json_of_one_event_are_one_event(world: World) -> None:
    xml = f"""<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0"
        creationDate="2026-06-28T09:00:00Z"><EPCISBody><EventList><ObjectEvent>
        <eventTime>2026-06-28T10:00:00+02:00</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
        <epcList><epc>urn:epc:id:sscc:0614141.1234567890</epc></epcList><action>OBSERVE</action>
        <bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep>
        <readPoint><id>{event()["readPoint"]["id"]}</id></readPoint>
        </ObjectEvent></EventList></EPCISBody></e:EPCISDocument>"""
    with world.client("post") as client:
        first = client.post(f"{HOME}/capture", content=xml, headers={"content-type": "application/xml"})
        again = capture(client, event(bizStep="storing"))
        as_xml = client.get(
            f"{HOME}/events", params={"EQ_bizStep": "storing"}, headers={"accept": "application/xml"}
        )

    assert first.status_code == 202, first.text
    assert again.json()["repeatedCount"] == 1
    assert "EPCISQueryDocument" in as_xml.text
    assert "BizStep-storing" in as_xml.text


def test_what_is_declared_wrong_stands_beside_the_declaration(world: World) -> None:
    wrong = event(bizStep="destroying", eventID="urn:uuid:wrong-1")
    with world.client("post") as client:
        capture(client, wrong)
        told = capture(
            client,
            {
                **wrong,
                "errorDeclaration": {"declarationTime": "2026-06-29T00:00:00Z", "reason": "did_not_occur"},
            },
        )
        both = client.get(f"{HOME}/events/{quote('urn:uuid:wrong-1', safe='')}").json()
        declared = found(client, EXISTS_errorDeclaration="", EQ_eventID="urn:uuid:wrong-1")

    assert told.json()["repeatedCount"] == 0
    assert len(both["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 2
    assert len(declared) == 1


def test_events_are_found_by_thing_order_time_and_sensor(world: World) -> None:
    cool = event(
        bizStep="sensor_reporting",
        epcList=["urn:epc:id:sgtin:0614141.112345.400"],
        bizTransactionList=[{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:0614141000005:PO-77"}],
        sensorElementList=[
            {"sensorReport": [{"type": "Temperature", "value": 9.5, "uom": "CEL"}]},
            {"sensorReport": [{"type": "RelativeHumidity", "value": 40, "uom": "P1"}]},
        ],
    )
    with world.client("post") as client:
        assert capture(client, cool).status_code == 202
        by = {
            "link": found(client, MATCH_epc="https://example.com/01/10614141123459/21/400"),
            "pattern": found(client, MATCH_anyEPC="urn:epc:idpat:sgtin:0614141.112345.*"),
            "company": found(client, MATCH_anyEPC="urn:epc:idpat:sgtin:0614141.*.*"),
            "order": found(client, EQ_bizTransaction_po="urn:epcglobal:cbv:bt:0614141000005:PO-77"),
            "warm": found(client, EQ_type="Temperature", GE_value_CEL="9", EXISTS_sensorElementList=""),
            "humid": found(client, EQ_type="RelativeHumidity", GE_value_CEL="9"),
            "later": found(client, EQ_bizStep="sensor_reporting", GE_eventTime="2026-06-28T08:00:00.001Z"),
            "address": client.get(
                f"{HOME}/epcs/{quote('https://id.gs1.org/01/10614141123459/21/400', safe='')}/events"
            ).json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"],
        }

    assert {name: len(events) for name, events in by.items()} == {
        "link": 1, "pattern": 1, "company": 1, "order": 1, "warm": 1, "humid": 0, "later": 0, "address": 1,
    }  # fmt: skip
    assert by["warm"][0]["sensorElementList"][0]["sensorReport"][0]["value"] == 9.5


@pytest.mark.parametrize("order", ["", "eventTime", "recordTime"])
def test_pages_give_each_event_once_in_order(world: World, order: str) -> None:
    many = [
        event(bizStep="picking", eventTime=f"2026-06-{28 - number % 7:02}T08:{number:02}:00.000Z")
        for number in range(25)
    ]
    told: list[dict[str, Any]] = []
    with world.client("post") as client:
        assert capture(client, *many).status_code == 202
        parameters = {"EQ_bizStep": "picking", "perPage": "10"} | ({"orderBy": order} if order else {})
        answer = client.get(f"{HOME}/events", params=parameters)
        while True:
            told += answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
            link = answer.headers.get("link")
            if link is None:
                break
            assert link.endswith('; rel="next"')
            answer = client.get(link[1 : link.index(">")])

    times = [one["eventTime"] for one in told]
    assert len({one["eventID"] for one in told}) == len(told) == 25
    if order == "eventTime":
        assert times == sorted(times, reverse=True)


def test_limits_hold(world: World) -> None:
    with world.client("post") as client:
        capture(
            client, *(event(bizStep="encoding", eventTime=f"2026-06-0{day}T00:00:00Z") for day in range(1, 6))
        )
        first = client.get(
            f"{HOME}/events", params={"EQ_bizStep": "encoding", "eventCountLimit": "3", "perPage": "2"}
        )
        link = first.headers["link"]
        second = client.get(link[1 : link.index(">")])
        too_many = client.get(f"{HOME}/events", params={"EQ_bizStep": "encoding", "maxEventCount": "4"})
        enough = found(client, EQ_bizStep="encoding", maxEventCount="5")

    counts = [
        len(one.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) for one in (first, second)
    ]
    assert counts == [2, 1]
    assert "link" not in second.headers
    assert too_many.status_code == 413
    assert too_many.json()["type"] == "epcisException:QueryTooLargeException"
    assert len(enough) == 5


def test_events_join_the_case_and_each_party_sees_its_part(world: World) -> None:
    order = "ORDER-EPCIS-1"
    house = "RR123456785CN"
    packed = event(
        bizStep="packing",
        epcList=[f"urn:example:s10:{house}", "urn:example:s10:RR000000015CN"],
        bizTransactionList=[{"type": "po", "bizTransaction": f"urn:epcglobal:cbv:bt:0614141000005:{order}"}],
        **{"ex:packer": "Zelda Nightingale-Quux"},
    )
    with world.client("post") as post, world.client("seller") as seller, world.client("rival") as rival:
        early = capture(post, packed)
        before = found(seller, EQ_bizTransaction_po=packed["bizTransactionList"][0]["bizTransaction"])
        case_id = file(post, parcel("EPCIS-1", house_document=house, order_references=[order]))[0]["case_id"]
        asked = packed["bizTransactionList"][0]["bizTransaction"]
        own = found(post, EQ_bizTransaction_po=asked)
        of_seller = found(seller, EQ_bizTransaction_po=asked)
        of_rival = found(rival, EQ_bizTransaction_po=asked)
        history = seller.get(f"/v1/cases/{case_id}/history").json()["moments"]

    assert early.status_code == 202
    assert before == []
    captured = [one for one in own if not one["eventID"].startswith("urn:x-serai:")]
    assert captured[0]["ext1:packer"] == "Zelda Nightingale-Quux"
    (seen,) = [one for one in of_seller if not one["eventID"].startswith("urn:x-serai:")]
    assert seen["epcList"] == [f"urn:example:s10:{house}"]
    assert "Zelda" not in json.dumps(seen)
    assert of_rival == []
    observed = [one for one in history if one["kind"] == "observed"]
    assert [one["sentence"] for one in observed] == ["Packed at 4012345000016."]
    assert observed[0]["at"].startswith("2026-06-28T08:00:00")


def test_decisions_are_told_as_events(world: World) -> None:
    house = "RR123456799CN"
    with world.client("post") as post, world.client("rival") as rival, world.client("officer") as officer:
        decided = file(post, parcel("EPCIS-2", house_document=house))[0]
        own = found(post, MATCH_anyEPC=f"urn:example:s10:{house}")
        others = found(rival, MATCH_anyEPC=f"urn:example:s10:{house}")
        one = post.get(f"{HOME}/events/{quote(own[0]['eventID'], safe='')}")
        all_told = found(officer, EQ_bizStep=own[0]["bizStep"], perPage="1000")
        listed = found(post, EQ_bizStep=own[0]["bizStep"], perPage="1000")

    assert [event["epcList"] for event in own] == [[f"urn:example:s10:{house}"]]
    assert own[0]["disposition"].startswith("urn:x-serai:disp:")
    assert decided["decision"]["mrn"] in own[0]["bizTransactionList"][0]["bizTransaction"]
    assert others == []
    assert one.status_code == 200
    assert own[0]["eventID"] in {event["eventID"] for event in all_told}
    assert own[0]["eventID"] in {event["eventID"] for event in listed}


def test_an_event_of_somebody_without_a_part_counts_nowhere(world: World) -> None:
    house = "RR123456808CN"
    with world.client("platform") as platform, world.client("payer") as payer, world.client("post") as post:
        case_id = file(post, parcel("EPCIS-3", house_document=house))[0]["case_id"]
        capture(payer, event(bizStep="void_shipping", epcList=[f"urn:example:s10:{house}"]))
        seen = found(platform, MATCH_anyEPC=f"urn:example:s10:{house}", EQ_bizStep="void_shipping")
        history = post.get(f"/v1/cases/{case_id}/history").json()["moments"]

    assert seen == []
    assert [one for one in history if one["kind"] == "observed"] == []


def test_names_are_listed_for_whom_used_them(world: World) -> None:
    with world.client("seller") as seller, world.client("post") as post:
        capture(post, event(bizStep="accepting", epcList=["urn:example:thing:LISTED-1"]))
        own = post.get(f"{HOME}/bizSteps").json()
        others = seller.get(f"{HOME}/bizSteps").json()
        things = post.get(f"{HOME}/epcs", params={"perPage": "1000"}).json()
        resources = post.get(HOME).json()
        step = post.get(f"{HOME}/bizSteps/accepting").json()
        of_step = post.get(f"{HOME}/bizSteps/accepting/events")

    assert own["type"] == "BizStepItemList"
    assert "accepting" in own["bizStep"]
    assert "accepting" not in others["bizStep"]
    assert "urn:example:thing:LISTED-1" in things
    assert {"capture", "events", "epcs", "bizSteps"} <= set(resources)
    assert step == ["events"]
    assert of_step.json()["type"] == "EPCISQueryDocument"


def test_headers_tell_versions_and_forms(world: World) -> None:
    with world.client("post") as client:
        told = client.options(f"{HOME}/capture")
        linked = client.get(
            f"{HOME}/events",
            params={"EQ_bizStep": "loading"},
            headers={"GS1-EPC-Format": "Always_GS1_Digital_Link"},
        )
        refused = client.get(f"{HOME}/events", headers={"GS1-EPC-Format": "Always_EPC_URN"})

    assert told.status_code == 204
    assert told.headers["GS1-EPCIS-Capture-Limit"] == "10000"
    assert told.headers["GS1-Capture-Error-Behaviour"] == "rollback"
    assert linked.headers["GS1-EPC-Format"] == "Always_GS1_Digital_Link"
    assert refused.status_code == 406
    assert refused.json()["type"] == "epcisException:ImplementationException"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"EQ_bizStep": "flying"}, "epcis-code-unknown"),
        ({"GE_eventTime": "yesterday"}, "not-an-instant"),
        ({"EQ_nonsense": "1"}, "epcis-parameter-unknown"),
        ({"EQ_INNER_ex:lot": "1"}, "epcis-parameter-unsupported"),
        ({"bizStep": "1"}, "epcis-parameter-unknown"),
        ({"MATCH_epc": "4012345"}, "epcis-not-a-uri"),
        ({"MATCH_epc": "urn:epc:idpat:sgtin:06*.1.*"}, "epcis-pattern-unsupported"),
        ({"eventCountLimit": "-1"}, "epcis-count-out-of-range"),
        ({"orderBy": "colour"}, "epcis-order-unknown"),
        ({"orderDirection": "SIDEWAYS"}, "epcis-order-unknown"),
    ],
)
def test_a_query_that_cannot_be_used_is_told_why(world: World, parameters: dict[str, str], code: str) -> None:
    with world.client("post") as client:
        answer = client.get(f"{HOME}/events", params=parameters)

    assert answer.status_code == 400
    assert answer.json()["type"] == "epcisException:QueryParameterException"
    (finding,) = answer.json()["findings"]
    assert (finding["code"], finding["pointer"]) == (code, next(iter(parameters)))
    assert "(" not in finding["sentence"], "every parameter of the sentence is given"


def test_nobody_is_told_without_a_key_and_roles_count(world: World) -> None:
    with world.client("") as nobody, world.client("analyst") as analyst:
        asked = nobody.get(f"{HOME}/events")
        sent = capture(analyst, event())

    assert (asked.status_code, asked.json()["type"]) == (401, "epcisException:SecurityException")
    assert (sent.status_code, sent.json()["type"]) == (403, "epcisException:SecurityException")


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"PK\x03\x04", "application/json", 400),
        (b"\xff\xfe{\x00}\x00", "application/json", 400),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "application/xml", 400),
        (b"<a/>", "application/xml", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"type":"EPCISDocument","type":"EPCISDocument"}', "application/json", 400),
        (b'{"EQ_bizStep": ["shipping"]}', "application/json", 400),
        (b"a,b", "text/csv", 415),
    ],
)
def test_bad_input_is_refused_with_a_finding(
    world: World, content: bytes, media_type: str, status: int
) -> None:
    with world.client("post") as client:
        answer = client.post(f"{HOME}/capture", content=content, headers={"content-type": media_type})
        single = client.post(f"{HOME}/events", content=content, headers={"content-type": media_type})

    assert (answer.status_code, single.status_code) == (status, status), answer.text
    if status == 400:
        assert answer.json()["findings"]


def test_arriving_at_customs_is_an_arrival_where_the_role_allows_it(world: World) -> None:
    house = "RR123456811CN"
    arrived = event(
        bizStep="arriving",
        eventTime="2026-07-01T06:00:00.000Z",
        epcList=[f"urn:example:s10:{house}"],
        readPoint={"id": f"https://id.gs1.org/414/999999900001{check_digit('999999900001')}"},
    )
    with world.client("post") as post, world.client("platform") as platform:
        case_id = file(post, parcel("EPCIS-4", house_document=house))[0]["case_id"]
        of_platform = capture(platform, arrived).json()["arrivals"]
        before = post.get(f"/v1/cases/{case_id}").json()
        of_post = capture(post, arrived)
        after = post.get(f"/v1/cases/{case_id}/history").json()["moments"]
        again = capture(post, arrived).json()["arrivals"]
        job = post.get(of_post.headers["location"]).json()

    assert [(one["status"], one["code"]) for one in of_platform] == [("not-reported", "role-not-allowed")]
    assert before["status"] != "released"
    assert [one["status"] for one in of_post.json()["arrivals"]] == ["recorded"]
    assert [one["status"] for one in again] == ["repeated"]
    assert job["arrivals"] == of_post.json()["arrivals"]
    kinds = [one["kind"] for one in after]
    assert "arrived" in kinds
    assert "observed" in kinds


def test_arriving_elsewhere_is_no_arrival(world: World) -> None:
    with world.client("post") as post:
        told = capture(post, event(bizStep="arriving", epcList=["urn:example:s10:RR123456825CN"])).json()

    assert event()["readPoint"]["id"] != CUSTOMS
    assert told.get("arrivals", []) == []


def test_the_receipt_of_a_capture_proves_which_events_were_taken(world: World) -> None:
    with world.client("post") as post:
        answer = capture(post, event(bizStep="staging_outbound"), event(bizStep="transporting"))
        job = answer.json()
        digests = b"".join(
            bytes.fromhex(uri.partition("sha-256;")[2].partition("?")[0]) for uri in job["eventIDs"]
        )
        receipt = answer.text[answer.text.index('"receipt":') + len('"receipt":') :].partition(',"salt"')[0]
        verdicts = [
            post.post("/v1/receipts/verify", json={"receipt": receipt, "openings": [opening]}).json()
            for opening in (
                {"name": "events", "salt": job["salt"], "value": base64.b64encode(value).decode()}
                for value in (digests, digests[::-1])
            )
        ]

    assert [one["is_genuine"] for one in verdicts] == [True, False], verdicts


def test_who_sends_a_number_again_and_again_hides_nobody(world: World) -> None:
    house = "RR123456839CN"
    thing = f"urn:example:s10:{house}"
    flood = [
        event(bizStep="holding", epcList=[thing], eventTime=f"2026-06-28T08:00:{number % 60:02}.{number:03}Z")
        for number in range(250)
    ]
    with world.client("payer") as payer, world.client("post") as post, world.client("seller") as seller:
        case_id = file(post, parcel("EPCIS-5", house_document=house))[0]["case_id"]
        assert capture(payer, *flood).status_code == 202
        capture(post, event(bizStep="collecting", epcList=[thing]))
        history = seller.get(f"/v1/cases/{case_id}/history").json()["moments"]
        seen = found(seller, MATCH_anyEPC=thing, EQ_bizStep="collecting|holding", perPage="1000")

    assert [one["sentence"] for one in history if one["kind"] == "observed"] == [
        "Collected at 4012345000016."
    ]
    captured = [one for one in seen if not one["eventID"].startswith("urn:x-serai:")]
    assert [one["bizStep"] for one in captured] == ["collecting"]


@pytest.mark.parametrize(
    "fields",
    [
        {"eventTime": "9999-12-31T23:59:59.999999Z"},
        {"eventTime": "0001-01-01T00:00:00Z"},
        {"epcList": ["urn:example:long:" + "x" * 5_000]},
        {"eventID": "urn:example:long:" + "y" * 5_000},
        {"bizStep": "urn:example:step:" + "z" * 5_000},
        {"readPoint": {"id": "urn:example:place:" + "z" * 5_000}},
        {"type": "ex:OwnEvent"},
    ],
)
def test_what_is_at_the_ends_of_time_or_very_long_is_taken_and_found(
    world: World, fields: dict[str, Any]
) -> None:
    with world.client("post") as client:
        # Another one, so that there is a next page whichever test comes first.
        capture(client, event(bizStep="holding"))
        answer = capture(client, event(**fields))
        assert answer.status_code == 202, answer.text
        (uri,) = answer.json()["eventIDs"]
        (told,) = found(client, EQ_eventID=uri)
        listed = [client.get(f"{HOME}/{name}", params={"perPage": "1000"}) for name in ("epcs", "bizSteps")]
        by_time = client.get(f"{HOME}/events", params={"orderBy": "eventTime", "perPage": "1"})
        following = by_time.headers["link"]
        next_page = client.get(following[1 : following.index(">")])

    assert told["eventID"] == uri
    assert [one.status_code for one in listed] == [200, 200]
    assert next_page.status_code == 200


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/events", {"eventType": "a\0b"}),
        ("/events", {"EQ_bizTransaction_po": "urn:a:b\0"}),
        ("/events", {"EQ_\0": "1"}),
        ("/events", {"nextPageToken": "x"}),
        ("/events", {"nextPageToken": write_token("events-recorded_up", [10**30, 1])}),
        ("/events", {"nextPageToken": write_token("events-recorded_up", [-1, -1])}),
        ("/events", {"perPage": "0"}),
        ("/events", {"perPage": "1001"}),
        ("/epcs", {"nextPageToken": write_token("epcs", "\0")}),
        ("/epcs", {"nextPageToken": write_token("bizSteps", "a")}),
        ("/capture", {"nextPageToken": write_token("captures", [0, 2**70])}),
        ("/bizSteps/flying/events", {}),
    ],
)
def test_addresses_that_make_no_sense_are_refused(
    world: World, path: str, parameters: dict[str, str]
) -> None:
    with world.client("post") as client:
        answer = client.get(HOME + path, params=parameters)

    assert answer.status_code == 400, answer.text
    assert answer.json()["type"].startswith("epcisException:")


def test_ends_of_time_may_be_asked_for(world: World) -> None:
    ends = {"GE_recordTime": "0001-01-01T00:00:00Z", "LT_recordTime": "9999-12-31T23:59:59Z"}
    with world.client("post") as client:
        capture(client, event(bizStep="void_shipping"))
        everything = found(client, **ends, LT_eventTime="9999-12-31T23:59:59.9Z", perPage="1000")
        nothing = found(client, GE_recordTime="9999-12-31T23:59:59Z")

    assert everything
    assert nothing == []


def test_a_name_that_xml_cannot_hold_spoils_no_answer_in_xml(world: World) -> None:
    thing = "https://id.gs1.org/00/106141412345678915"
    named = {"@context": {"own": "https://n\u00df.example/#"}, "own:colour": "red"}
    with world.client("post") as client:
        taken = capture(client, event(bizStep="stocking", epcList=[thing], **named))
        parameters = {"MATCH_epc": thing}
        answer = client.get(f"{HOME}/events", params=parameters, headers={"accept": "application/xml"})
        (as_json,) = found(client, **parameters)

    assert taken.status_code == 202, taken.text
    assert (answer.status_code, answer.text.count("<ObjectEvent")) == (200, 1)
    assert ("colour" in answer.text, "colour" in json.dumps(as_json)) == (False, True)


def test_who_moves_parcels_learns_how_goods_fare_but_not_under_which_order(world: World) -> None:
    house = "RR123456842CN"
    sold = event(
        bizStep="packing",
        epcList=[f"urn:example:s10:{house}"],
        bizTransactionList=[{"type": "inv", "bizTransaction": "urn:example:inv:SECRET-1"}],
        sourceList=[{"type": "possessing_party", "source": "urn:example:party:INVENTED-POST"}],
        destinationList=[{"type": "owning_party", "destination": "urn:example:party:BUYER-1"}],
        sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": 3, "uom": "CEL"}]}],
    )
    with world.client("post") as post, world.client("seller") as seller, world.client("officer") as officer:
        case_id = file(post, parcel("EPCIS-6", house_document=house))[0]["case_id"]
        assert capture(seller, sold).status_code == 202
        asked = {"MATCH_epc": f"urn:example:s10:{house}", "EQ_bizStep": "packing"}
        (of_post,), (of_officer,) = found(post, **asked), found(officer, **asked)
        guessed = found(post, **asked, EQ_destination_owning_party="urn:example:party:BUYER-1")
        known = found(officer, **asked, EQ_destination_owning_party="urn:example:party:BUYER-1")
        page = officer.get(f"/parcels/{case_id}", headers={"accept": "text/html"})

    assert (guessed, len(known)) == ([], 1)
    assert "sensorElementList" in of_post
    assert not {"bizTransactionList", "sourceList", "destinationList"} & set(of_post)
    assert {"bizTransactionList", "destinationList"} <= set(of_officer)
    assert page.status_code == 200, page.text[:200]
    assert "Packed at 4012345000016: Temperature 3 CEL." in page.text


def test_the_same_capture_from_many_at_once_is_taken_once(world: World) -> None:
    many = [event(bizStep="stock_taking", eventTime=f"2026-06-28T09:00:{number:02}Z") for number in range(40)]

    def send(turn: int) -> int:
        with world.client("post") as client:
            answer = capture(client, *(many if turn % 2 else many[::-1]))
            assert answer.status_code == 202, answer.text
            return int(answer.json()["takenCount"]) - int(answer.json()["repeatedCount"])

    with ThreadPoolExecutor(6) as pool:
        new = list(pool.map(send, range(6)))
    with world.client("post") as client:
        told = found(client, EQ_bizStep="stock_taking", perPage="100")

    assert sum(new) == len(told) == 40


def test_a_query_with_a_name_is_asked_again_and_again(world: World) -> None:
    definition = {"name": "Dispensed", "query": {"EQ_bizStep": ["dispensing"], "orderBy": "eventTime"}}
    with world.client("post") as client, world.client("seller") as seller:
        created = client.post(f"{HOME}/queries", json=definition)
        again = client.post(f"{HOME}/queries", json=definition)
        before = client.get(f"{HOME}/queries/Dispensed/events").json()["epcisBody"]["queryResults"]
        days = ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z")
        capture(client, *(event(bizStep="dispensing", eventTime=day) for day in days))
        page = client.get(f"{HOME}/queries/Dispensed/events", params={"perPage": "1"})
        link = page.headers["link"]
        rest = client.get(link[1 : link.index(">")])
        listed = client.get(f"{HOME}/queries").json()
        others = seller.get(f"{HOME}/queries/Dispensed")
        deleted = client.delete(f"{HOME}/queries/Dispensed")
        gone = client.get(f"{HOME}/queries/Dispensed/events")

    assert created.status_code == 201, created.text
    assert created.headers["location"].endswith("/queries/Dispensed")
    assert (again.status_code, again.json()["type"]) == (409, "epcisException:ResourceAlreadyExistsException")
    assert (before["queryName"], before["resultsBody"]["eventList"]) == ("Dispensed", [])
    times = [
        one.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["eventTime"]
        for one in (page, rest)
    ]
    assert times == ["2026-06-02T00:00:00Z", "2026-06-01T00:00:00Z"]
    assert [one["query"] for one in listed] == [definition["query"]]
    assert (others.status_code, others.json()["type"]) == (404, "epcisException:NoSuchNameException")
    assert deleted.status_code == 204
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("definition", "pointer"),
    [
        ({"name": "Wrong", "query": {"EQ_bizStep": ["flying"]}}, "/query/EQ_bizStep/0"),
        ({"name": "Wrong", "query": {"EQ_bizStep": "shipping"}}, "/query/EQ_bizStep"),
        ({"name": "Wrong", "query": {"EQ_nonsense": ["1"]}}, "/query/EQ_nonsense"),
        ({"name": "Wrong", "query": {"type": "ObjectEvent"}}, "/query/@context"),
        ({"name": "no name", "query": {}}, "/name"),
        ({"name": "Wrong"}, "/query"),
        ({"name": "Wrong", "query": {"EQ_bizStep": ["urn:a:\0"]}}, "/query/EQ_bizStep/0"),
    ],
)
def test_a_query_that_cannot_be_used_gets_no_name(
    world: World, definition: dict[str, Any], pointer: str | None
) -> None:
    with world.client("post") as client:
        answer = client.post(f"{HOME}/queries", json=definition)

    assert answer.status_code == 400, answer.text
    if pointer is not None:
        assert pointer in [one["pointer"] for one in answer.json()["findings"]]


def test_a_query_nested_without_end_is_refused(world: World) -> None:
    content = b'{"name": "Deep", "query": {"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}"
    with world.client("post") as client:
        answer = client.post(f"{HOME}/queries", content=content, headers={"content-type": "application/json"})

    assert answer.status_code == 400, answer.text


def test_an_event_about_several_parties_things_tells_each_its_own(world: World) -> None:
    house, foreign = "RR123456856CN", "RR123456860CN"
    orders = [
        {"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:0614141000005:ORDER-EPCIS-7"},
        {"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:0614141000005:ORDER-OF-OTHERS"},
    ]
    loaded = event(
        type="AggregationEvent",
        action="ADD",
        bizStep="loading",
        epcList=None,
        parentID="urn:epc:id:sscc:0614141.0000000017",
        childEPCs=[f"urn:example:s10:{house}", f"urn:example:s10:{foreign}"],
        childQuantityList=[{"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": 7}],
        bizTransactionList=orders,
        destinationList=[{"type": "owning_party", "destination": "urn:example:party:OTHERS"}],
    )
    with world.client("post") as post, world.client("seller") as seller:
        file(post, parcel("EPCIS-7", house_document=house, order_references=["ORDER-EPCIS-7"]))
        capture(post, loaded)
        (seen,) = found(seller, MATCH_anyEPC=f"urn:example:s10:{house}", EQ_bizStep="loading")
        (whole,) = found(post, MATCH_anyEPC=f"urn:example:s10:{house}", EQ_bizStep="loading")

    assert seen["childEPCs"] == [f"urn:example:s10:{house}"]
    assert seen["parentID"] == loaded["parentID"]
    assert seen["bizTransactionList"] == orders[:1]
    assert not {"childQuantityList", "destinationList"} & set(seen)
    assert {"childQuantityList", "destinationList"} <= set(whole)


@pytest.mark.slow
@needs(EPCIS)
def test_spoilt_messages_of_the_reference_are_never_our_fault(world: World) -> None:
    """Every message of the reference, whole and spoilt at random places, as it is and with `proceed`."""
    draw = random.Random(7)
    statuses: Counter[int] = Counter()
    with world.client("post") as client:
        for path in sorted(EPCIS.rglob("*.[jx][sm]*")):
            content = path.read_bytes()
            media_type = "application/xml" if path.suffix == ".xml" else "application/json"
            for turn in range(8):
                spoilt = bytearray(content)
                for _ in range(min(turn, 4)):
                    place = draw.randrange(len(spoilt))
                    spoilt[place : place + draw.randrange(1, 12)] = draw.choice(PIECES)
                answer = client.post(
                    f"{HOME}/{draw.choice(['capture', 'capture', 'events'])}",
                    content=bytes(spoilt),
                    headers={
                        "content-type": media_type,
                        "GS1-Capture-Error-Behaviour": draw.choice(["rollback", "proceed"]),
                    },
                )
                statuses[answer.status_code] += 1
        everything = found(client, perPage="1000", orderBy="eventTime")
        as_xml = client.get(
            f"{HOME}/events",
            params={"perPage": "1000"},
            headers={"accept": "application/xml", "GS1-EPC-Format": "Always_GS1_Digital_Link"},
        )

    assert set(statuses) <= {201, 202, 400}, statuses
    assert statuses[202] > 50
    assert len(everything) > 50
    assert as_xml.status_code == 200


def test_events_that_are_more_than_are_read_at_once_hide_nobodys_first_and_it_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = "MANY-EVENTS-1"
    thing = f"urn:example:s10:{house}"
    with world.client("post") as post, world.client("seller") as seller:
        case_id = file(post, parcel("EPCIS-MANY", house_document=house))[0]["case_id"]
        many = [
            event(bizStep="holding", epcList=[thing], eventTime=f"2026-06-28T08:00:{n:02}Z")
            for n in range(10)
        ]
        whole_job = capture(post, *many).json()
        capture(seller, event(bizStep="collecting", epcList=[thing]))
        whole = observed_of(seller, case_id)

        monkeypatch.setattr(custody, "EVENTS_COUNT_MAX", 4)
        cut = observed_of(seller, case_id)
        cut_job = capture(post, event(bizStep="holding", epcList=[thing], eventTime="2026-06-28T09:00:00Z"))

    assert sum("Held" in one for one in whole) == 10
    assert "is_refused_complete" not in whole_job
    assert cut[0].startswith("More events name this case than are shown at once")
    assert sum("Held" in one for one in cut[1:]) == 3
    assert sum("Collected" in one for one in cut) == 1
    assert cut_job.json()["is_refused_complete"] is False


def observed_of(client: httpx2.Client, case_id: str) -> list[str]:
    """What was seen of a case, in words."""
    moments = client.get(f"/v1/cases/{case_id}/history").json()["moments"]
    return [one["sentence"] for one in moments if one["kind"] == "observed"]


def test_where_not_all_cases_of_a_capture_were_looked_at_its_job_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    houses = [f"LEFT-HOUSE-{number}" for number in range(3)]
    told = event(bizStep="departing", epcList=[f"urn:example:house:{one}" for one in houses])
    with world.client("post") as post, world.client("seller") as seller, world.client("payer") as payer:
        answers = file(post, *(parcel(f"EPCIS-{one}", house_document=one) for one in houses))
        monkeypatch.setattr(custody, "_CASES_AT_ONCE_COUNT", 1)
        whole = capture(seller, told).json()
        monkeypatch.setattr(refusals, "_OWN_CASES_COUNT_MAX", 2)
        monkeypatch.setattr(refusals, "_OTHER_CASES_COUNT_MAX", 2)
        part = capture(seller, told).json()
        kept = seller.get(f"{HOME}/capture/{part['captureID']}").json()
        of_stranger = capture(payer, told).json()

    assert sorted(whole["refused"][0]["case_ids"]) == sorted(one["case_id"] for one in answers)
    assert "is_refused_complete" not in whole
    assert len(part["refused"][0]["case_ids"]) == 2
    assert part["is_refused_complete"] is False
    assert (kept["refused"], kept["is_refused_complete"]) == (part["refused"], False)
    assert of_stranger.keys().isdisjoint(("refused", "is_refused_complete")), "it learns of no case"


def test_who_declares_a_number_that_another_claims_finds_its_own_decision_and_what_customs_saw(
    world: World,
) -> None:
    house = "CLAIMED-TWICE-1"
    thing = f"urn:example:house:{house}"
    with world.client("rival") as rival, world.client("post") as post, world.client("officer") as officer:
        claimed = file(rival, parcel("CLAIM-ROGUE", house_document=house))[0]
        declared = file(post, parcel("CLAIM-OWN", house_document=house))[0]
        capture(officer, event(bizStep="inspecting", epcList=[thing]))
        capture(post, event(bizStep="storing", epcList=[thing]))
        own, of_rival, of_officer = (
            found(client, MATCH_anyEPC=thing, perPage="1000") for client in (post, rival, officer)
        )
        history = observed_of(post, declared["case_id"])

    assert declared["case_id"] != claimed["case_id"]
    assert decided_on(own) == {declared["decision"]["mrn"]}
    assert decided_on(of_rival) == {claimed["decision"]["mrn"]}, "nobody finds what another was told"
    assert decided_on(of_officer) == {declared["decision"]["mrn"], claimed["decision"]["mrn"]}
    assert {one["bizStep"] for one in own if is_captured(one)} == {"inspecting", "storing"}
    assert "storing" not in {one["bizStep"] for one in of_rival}
    assert len(history) == 2, "queries tell what the history of its case tells"


def is_captured(one: dict[str, Any]) -> bool:
    return not one["eventID"].startswith("urn:x-serai:")


def decided_on(events: list[dict[str, Any]]) -> set[str]:
    """Of which declarations events tell a decision, by registration number."""
    named = [one["bizTransactionList"] for one in events if not is_captured(one)]
    return {each["bizTransaction"].rpartition(":")[2] for of_one in named for each in of_one}
