"""The page on which anybody has a receipt checked: what it says of genuine and of false ones."""

import json
import time
from datetime import timedelta

import httpx2
import pytest

from serai.evidence.leaf import Opening, commit_batch, random_size_bytes
from serai.evidence.promise import promise_batch
from serai.evidence.receipt import encode_receipt, promise_receipt
from serai.evidence.sentences import FAULTS
from serai.web.receipts.view import OurLog, ReceiptView, view_receipt
from serai.web.receipts.words import FAULT_WORDS
from tests.evidence.batches import AT, ORIGIN, SIGNER, promise
from tests.evidence.signing import SeedSigner
from tests.journey.cases.world import World, file, parcel

OURS = OurLog(ORIGIN, SIGNER.public_key, 1, {}, 10)
RECEIPT = encode_receipt(promise_receipt(promise(1, 5), 3))
OPENS = Opening("document", bytes(range(48, 64)), b"4")


def check(receipt: bytes, *openings: Opening, log: OurLog = OURS, days: int = 0) -> ReceiptView:
    return view_receipt(receipt, openings, log, AT + timedelta(days=days))


def test_every_fault_has_words_and_a_next_step_for_people() -> None:
    # What nobody asks for on the page cannot be missing there.
    assert FAULT_WORDS.keys() == FAULTS.keys() - {"quorum-missing"}
    assert all(one.sentence and one.next_step for one in FAULT_WORDS.values())


def test_a_promise_says_until_when_and_that_its_time_is_over() -> None:
    soon, late = check(RECEIPT), check(RECEIPT, days=1)

    assert (soon.is_genuine, soon.holds, soon.log, soon.is_overdue) == (True, "promise", ORIGIN, False)
    assert late.is_overdue
    assert {one.state for one in soon.steps} == {"holds"}


def test_a_receipt_of_another_log_says_which_log_it_names() -> None:
    found = check(RECEIPT, log=OurLog("log.other.example", SeedSigner(2).public_key, 1, {}, 10))

    assert (found.is_genuine, found.fault, found.named_log) == (False, "signature-wrong", ORIGIN)
    assert found.at is None
    assert found.number is None


def test_our_key_under_another_name_is_not_taken_for_ours() -> None:
    found = check(RECEIPT, log=OurLog("log.other.example", SIGNER.public_key, 1, {}, 10))

    assert (found.is_genuine, found.fault) == (False, "origin-differs")


def test_a_receipt_of_another_administration_is_genuine_and_not_ours() -> None:
    ids = [7]
    leaves = commit_batch(
        2, AT, leaf_ids=ids, fields={"document": [b"theirs"]}, random_bytes=bytes(random_size_bytes(1, 1))
    )
    batch = promise_batch(
        leaves.leaf_data, SIGNER, origin=ORIGIN, batch_id=7, integrate_by=AT + timedelta(seconds=2), at=AT
    )

    found = check(encode_receipt(promise_receipt(batch, 0)))

    assert (found.is_genuine, found.is_of_this_administration) == (True, False)


def test_what_is_given_to_open_it_is_shown_or_said_not_to_fit() -> None:
    good, bad = check(RECEIPT, OPENS), check(RECEIPT, Opening("document", OPENS.salt, b"5"))

    assert [(one.text, one.is_committed) for one in good.opened] == [("4", True)]
    assert (bad.is_genuine, bad.fault) == (True, "field-not-committed")
    assert [one.is_committed for one in bad.opened] == [False]


@pytest.mark.parametrize("place", range(5, len(RECEIPT), 41))
def test_a_forged_byte_is_never_genuine(place: int) -> None:
    forged = RECEIPT[:place] + bytes([RECEIPT[place] ^ 1]) + RECEIPT[place + 1 :]

    found = check(forged)

    assert not found.is_genuine
    assert found.sentence
    assert found.next_step
    assert [one.state for one in found.steps].count("fails") == 1


def page_of(answer: httpx2.Response) -> str:
    return answer.text.partition("<h1>")[2]


def post(client: httpx2.Client, files: dict[str, bytes] | None = None, **fields: str) -> httpx2.Response:
    """Send the form as a browser would, with the token of its page."""
    accept = {"accept": "text/html"}
    shown = client.get("/receipts/check", headers=accept).text
    token = shown.partition('name="form_token" value="')[2].partition('"')[0]
    parts = {name: (f"{name}.json", content, "application/json") for name, content in (files or {}).items()}
    return client.post(
        "/receipts/check",
        data={**fields, "form_token": token},
        files=parts or {"file": ("", b"", "application/octet-stream")},
        headers=accept,
    )


@pytest.fixture(scope="module")
def filed(world: World) -> tuple[bytes, bytes]:
    """A proof, and what opens it."""
    with world.client("post") as client:
        case = file(client, parcel("RECEIPT-PAGE"))[0]
        number = case["decision"]["decision_id"]
        for _ in range(100):
            receipt: bytes = client.get(f"/v1/receipts/{number}").content
            if b'"proof"' in receipt:
                return receipt, client.get(f"/v1/receipts/{number}/openings").content
            time.sleep(0.1)
    raise AssertionError("the promise was not kept")


@pytest.mark.in_turn
def test_a_stranger_pastes_a_receipt_or_gives_files(world: World, filed: tuple[bytes, bytes]) -> None:
    receipt, openings = filed
    with world.client("") as stranger:
        form = stranger.get("/receipts/check", headers={"accept": "text/html"})
        pasted = post(stranger, receipt=f" {receipt.decode()}\r\n")
        opened = post(stranger, {"file": receipt, "openings_file": openings})
        together = json.dumps({"receipt": receipt.decode(), **json.loads(openings)})
        as_asked_of_the_api = post(stranger, receipt=together)
        edited = post(stranger, {"file": receipt + b"\n"})

    assert "Newest checkpoint" in form.text
    assert "This receipt is genuine" in page_of(pasted)
    assert "It is a proof" in pasted.text
    assert "none: this log has no witnesses" in pasted.text
    for answer in (opened, as_asked_of_the_api):
        assert "RECEIPT-PAGE" in answer.text
        assert "This is what the log committed to, to the letter." in answer.text
    assert "This receipt is not genuine" in page_of(edited)
    assert "not byte for byte" in edited.text
    assert pasted.headers["cache-control"] == "no-store"


def test_bad_input_is_told_and_nothing_breaks(world: World, filed: tuple[bytes, bytes]) -> None:
    receipt, openings = filed
    large = "x" * 50_000
    with world.client("") as stranger:
        empty = post(stranger, receipt=" ")
        marked = post(stranger, receipt="<script>alert(1)</script>")
        nested = [post(stranger, receipt=one) for one in ("[" * 50_000, '{"receipt":' * 4_000, large)]
        wrapped = post(stranger, receipt='{"receipt": 1}')
        no_openings = [
            post(stranger, receipt=receipt.decode(), openings=one)
            for one in (large, "{}", '{"openings":[]}', json.dumps({"openings": [{"name": "x"}]}))
        ]
        many = json.dumps({"openings": json.loads(openings)["openings"] * 40})
        too_many = post(stranger, receipt=receipt.decode(), openings=many)
        huge = post(stranger, {"file": b"x" * (2 << 20)})
        foreign = stranger.post("/receipts/check", data={"receipt": receipt.decode()})

    assert empty.status_code == 422
    assert "Paste a receipt, or choose its file." in empty.text
    assert "<script>" not in marked.text
    assert [one.status_code for one in nested] == [200, 200, 200]
    assert all("is not genuine" in one.text for one in (*nested, marked))
    assert wrapped.status_code == 422
    assert [one.status_code for one in (*no_openings, too_many)] == [422] * 5
    assert huge.status_code == 413
    assert foreign.status_code == 403, "another site's form"
