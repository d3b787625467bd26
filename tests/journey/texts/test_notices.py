"""Notices over HTTP: what was served about a decision is read again in the words in which it was served."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from serai.journey.texts import catalogue
from serai.journey.texts.catalogue import Sentence
from tests.journey.batches import ROOT
from tests.journey.cases.world import World, parcel, rows

NDJSON = {"content-type": "application/x-ndjson"}
PATIENCE_S = 30


def vague(reference: str) -> dict[str, Any]:
    """A declaration that an officer must see, for a reason that its declarant may read."""
    declared = parcel(reference)
    declared["goods_items"][0] |= {"description": "parts", "standard_product_id": "4006381333932"}
    return declared


def notices(world: World, party: str, case_id: str) -> list[dict[str, Any]]:
    with world.client(party) as client:
        answer = client.get(f"/v1/cases/{case_id}/notices")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["notices"]
    return found


def sentences(notice: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["sentence"] for one in notice["texts"]}


@contextmanager
def reworded(code: str, sentence: str) -> Iterator[None]:
    """A catalogue as a later release may ship it: one sentence is another."""
    shipped = catalogue._written_in

    def written_in(language: str) -> dict[str, Sentence]:
        words = shipped(language)
        if code not in words:
            return words
        return words | {code: msgspec.structs.replace(words[code], sentence=sentence)}

    def forget() -> None:
        catalogue.sentences_in.cache_clear()
        catalogue.find_text.cache_clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "_written_in", written_in)
        forget()
        yield
    forget()


def test_what_was_served_is_read_in_its_own_words_after_the_wording_changed(world: World) -> None:
    with world.client("post") as client:
        answer = client.post("/v1/declarations", params={"include": "text"}, json=vague("SERVED-1")).json()
        (before,) = notices(world, "post", answer["case_id"])
        with reworded("gtin-check", "Another sentence about {number}."):
            read = client.get("/v1/declarations/SERVED-1", params={"include": "text"}).json()["decision"]
            first, second = notices(world, "post", answer["case_id"])

    (said,) = [one for one in answer["decision"]["findings"] if one["code"] == "gtin-check"]
    (now,) = [one for one in read["findings"] if one["code"] == "gtin-check"]
    assert now["sentence"].startswith("Another sentence about 4006381333932.")
    assert first == before, "what was served stays as it was"
    assert (first["means"], first["language"], first["audience"]) == ("answer", "en", "public")
    assert sentences(first)["gtin-check"] == said["sentence"] != now["sentence"]
    assert sentences(second)["gtin-check"] == now["sentence"]
    of_gtin = [[one for one in notice["texts"] if one["code"] == "gtin-check"] for notice in (first, second)]
    assert of_gtin[0][0]["version"] != of_gtin[1][0]["version"]
    assert [one[0]["pointer"] for one in of_gtin] == ["/goods_items/0/standard_product_id"] * 2
    reasons = {one["code"]: one["sentence"] for one in answer["decision"]["reasons"]}
    assert reasons.items() <= sentences(first).items()


def test_without_texts_nothing_was_served_in_words(world: World) -> None:
    with world.client("post") as client:
        answer = client.post("/v1/declarations", json=vague("WORDLESS-1")).json()

    assert notices(world, "post", answer["case_id"]) == []


def test_the_same_read_again_is_the_same_notice(world: World) -> None:
    with world.client("post") as client:
        case_id = client.post("/v1/declarations", json=vague("SAME-1")).json()["case_id"]
        for _ in range(3):
            client.get(f"/v1/cases/{case_id}/decision", params={"include": "text"})

    assert len(notices(world, "post", case_id)) == 1


def test_a_page_that_a_party_reads_is_a_notice_and_one_that_an_officer_reads_is_none(world: World) -> None:
    with world.client("post") as client:
        case_id = client.post("/v1/declarations", json=vague("PAGE-1")).json()["case_id"]
    for party in ("officer", "post"):
        with world.client(party) as client:
            assert client.get(f"/parcels/{case_id}", headers={"accept": "text/html"}).status_code == 200

    (served,) = notices(world, "officer", case_id)
    assert served["means"] == "page"
    assert served["party_id"]


def test_a_party_reads_what_went_to_it_and_the_administration_what_went_to_everybody(world: World) -> None:
    with world.client("post") as client:
        case_id = client.post("/v1/declarations", params={"include": "text"}, json=vague("WHOM-1")).json()[
            "case_id"
        ]
    with world.client("seller") as client:
        client.get(f"/v1/cases/{case_id}/decision", params={"include": "text"})

    own, others, of_all = (notices(world, party, case_id) for party in ("post", "seller", "officer"))
    assert len(own) == len(others) == 1
    assert not any("party_id" in one for one in (*own, *others))
    assert {one["notice_id"] for one in of_all} == {one["notice_id"] for one in (*own, *others)}
    with world.client("rival") as client:
        assert client.get(f"/v1/cases/{case_id}/notices").status_code == 404


def test_answers_in_bulk_are_one_notice_for_all_of_them(world: World) -> None:
    declared = [vague(f"BULK-{number}") for number in range(30)] + [parcel("BULK-CLEAN")]
    body = b"".join(json.dumps(one).encode() + b"\n" for one in declared)
    before = rows(world.dsn, "SELECT count(*) FROM notice")[0][0]
    with world.client("post") as client:
        plain = client.post("/v1/declarations", content=body, headers=NDJSON).text.splitlines()
        texts = client.post(
            "/v1/declarations", params={"include": "text"}, content=body, headers=NDJSON
        ).text.splitlines()

    assert rows(world.dsn, "SELECT count(*) FROM notice")[0][0] == before + 1
    for bare, told in zip(map(json.loads, plain[:-1]), map(json.loads, texts[:-1]), strict=True):
        assert not any("sentence" in one for one in bare.get("findings", []))
        reasons = told["decision"].get("reasons", [])
        assert all(one["sentence"] and one["remedy"] for one in reasons)
        (served,) = notices(world, "post", told["case_id"])
        assert sentences(served).keys() >= {one["code"] for one in reasons}


def test_a_message_that_speaks_of_a_decision_is_a_notice_in_the_language_of_its_words(world: World) -> None:
    with world.client("post") as client:
        case_id = client.post("/v1/declarations", json=vague("MESSAGE-1")).json()["case_id"]
        # What was just written is told once no older transaction is open.
        end = time.monotonic() + PATIENCE_S
        told: list[str] = []
        while case_id not in told and time.monotonic() < end:
            chinese = client.get("/v1/messages/ceb/answers", headers={"accept-language": "zh"}).json()
            told = [one["case_id"] for one in chinese["answers"]]
        answers = client.get("/v1/messages/ceb/answers", headers={"accept-language": "en"}).json()
        assert any(one["case_id"] == case_id for one in answers["answers"])

    served = [one for one in notices(world, "post", case_id) if one["means"] == "message"]
    assert [(one["standard"], one["event_kind"], one["language"]) for one in served] == [
        ("ceb", "decided", "zh"),
        ("ceb", "decided", "en"),
    ]
    for one, content in zip(served, (None, answers["answers"][-1]["content"]), strict=True):
        status = [text for text in one["texts"] if text["code"].startswith("ceb-status/")]
        assert len(status) == 1
        if content is not None:
            assert status[0]["sentence"] in content


def test_no_notice_holds_anything_of_a_person(world: World) -> None:
    kept = rows(world.dsn, "SELECT to_jsonb(notice)::text FROM notice")
    kept += rows(world.dsn, "SELECT to_jsonb(text_version)::text FROM text_version")

    assert not any("Nightingale" in one for (one,) in kept)


def test_texts_are_in_the_language_asked_for_and_in_english_where_that_has_none(world: World) -> None:
    faulty = parcel("FAULTY-1")
    faulty["goods_items"][0]["origin_country_code"] = "XX"
    text, chinese_wanted = {"include": "text"}, {"accept-language": "zh-CN"}
    body = json.dumps(faulty).encode() + b"\n"
    with world.client("post") as client:
        one = client.post("/v1/declarations", json=faulty, params=text, headers=chinese_wanted).json()
        line = client.post(
            "/v1/declarations", content=body, params=text, headers=chinese_wanted | NDJSON
        ).text.splitlines()[0]
        english = client.post("/v1/declarations", json=faulty, params=text).json()
        bare = client.post("/v1/declarations", json=faulty, headers=chinese_wanted).json()

    (chinese,) = one["findings"]
    assert chinese["code"] == "unknown-country"
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese["sentence"])
    assert json.loads(line)["findings"] == one["findings"], "the same in bulk and in a problem"
    assert english["findings"][0]["sentence"].isascii()
    assert "sentence" not in bare["findings"][0]


def test_the_answer_to_a_message_of_many_declarations_is_one_notice_with_the_texts_of_each(
    world: World,
) -> None:
    content = (ROOT / "examples" / "standards" / "itmatt.xml").read_bytes()
    before = rows(world.dsn, "SELECT count(*) FROM notice")[0][0]
    with world.client("post") as client:
        answer = client.post(
            "/v1/messages/itmatt", content=content, headers={"content-type": "application/xml"}
        )
        assert answer.status_code == 200, answer.text
    kept = rows(
        world.dsn,
        "SELECT standard, means, cardinality(decision_ids), cardinality(text_versions) FROM notice"
        " ORDER BY notice_id DESC LIMIT 1",
    )

    assert rows(world.dsn, "SELECT count(*) FROM notice")[0][0] == before + 1
    assert kept[0][:2] == ("itmatt", "message")
    assert kept[0][2] >= 1
    assert kept[0][3] >= 1
