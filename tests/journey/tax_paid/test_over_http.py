"""Tax-paid proof over HTTP: issuers and holders, a token shown at the border, a proof for whoever paid."""

import datetime as dt
import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import numpy as np
import pytest

from serai.foundation.id_text import format_id
from serai.foundation.jws import encode_part, sign_compact
from serai.journey.tax_paid.checking import TokenChecker
from serai.journey.tax_paid.status_list import pack_statuses
from serai.journey.tax_paid.token import TYPE, Paid, PaidItem, StatusReference, issue_token, make_claims
from serai.journey.tax_paid.trusted import read_key_set, read_lists, sign_list
from serai.model.languages import LANGUAGES
from tests.feed import wait_until_shown
from tests.journey.cases.world import PARTIES, World, file, parcel, rows
from tests.journey.tax_paid.tokens import OTHER, SIGNER

ISSUER, KID, URI = "log.market.example/paid", "market-1", "https://market.example/status/1"
NUMBER = "IM3720000224"
DAY = dt.timedelta(days=1)


Ask = Callable[[str], httpx2.Client]


@pytest.fixture
def ask(world: World) -> Iterator[Ask]:
    """Gives a client with a party's key, closed when the test ends."""
    with ExitStack() as stack:
        yield lambda party: stack.enter_context(world.client(party))


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def key_of(party: str, **changes: Any) -> dict[str, Any]:
    x = encode_part(SIGNER.public_key)
    its = format_id(PARTIES[party][0])
    return {"issuer": ISSUER, "kid": KID, "public_key": x, "party": its} | changes


def listed(at: dt.datetime, *statuses: int) -> str:
    packed = pack_statuses(np.array(statuses or [0] * 50, dtype=np.uint8), 2)
    return sign_list(
        packed, uri=URI, issued_at=at, ends_at=at + DAY, fetch_again_s=900, signer=SIGNER, kid=KID
    )


def token(name: str, index: int = 0, **changes: Any) -> str:
    at = now()
    given: dict[str, Any] = {
        "issuer": ISSUER,
        "administration_code": "TEST",
        "number": f"T-{name}",
        "issued_at": at - DAY,
        "expires_at": at + DAY,
        "scheme_code": "ioss",
        "scheme_number": NUMBER,
        "order_reference": f"ORDER-{name}",
        "currency_code": "EUR",
        "paid": Paid(currency_code="EUR", duty="0.00", tax="5.75"),
        "items": (PaidItem(sequence_number=1, commodity_code="610910", value="25.00", gross_mass_g=150),),
        "status": StatusReference(index, URI),
    }
    return issue_token(make_claims(**given | changes), SIGNER, KID)


def cited(name: str, **changes: Any) -> dict[str, Any]:
    return parcel(
        f"D-{name}",
        scheme_kind_code="IOSS",
        order_references=[f"ORDER-{name}"],
        additional_fiscal_references=[{"role": "FR5", "identification_number": NUMBER}],
        **changes,
    )


def register(ask: Ask) -> str:
    """Let an issuer and a holder be believed, once; return the number's number."""
    office, market = ask("officer"), ask("platform")
    office.post("/v1/token-issuers", json=key_of("platform"))
    market.post("/v1/status-lists", json={"status_list": listed(now())})
    held = {"party": format_id(PARTIES["platform"][0]), "scheme_kind_code": "IOSS", "number": NUMBER}
    answer = office.post("/v1/schemes", json=held)
    assert answer.status_code in (200, 201), answer.text
    register = f"kind,number,valid_from,valid_to,filers\nIOSS,{NUMBER},2021-07-01,,\n"
    csv = {"content-type": "text/csv"}
    said = office.post("/v1/lists/scheme-register?name=ioss.csv", content=register, headers=csv)
    assert said.status_code in (200, 201), said.text
    time.sleep(1.5)  # every process takes the law up within a second
    return str(answer.json()["scheme"])


def problem(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {answer.json()['code']}"


@pytest.mark.in_turn
def test_issuers_and_holders_are_registered_and_strangers_learn_nothing(ask: Ask) -> None:
    scheme = register(ask)
    office, market, rival = ask("officer"), ask("platform"), ask("rival")
    today = now().date().isoformat()

    again = office.post("/v1/token-issuers", json=key_of("platform"))
    confused = office.post(
        "/v1/token-issuers", json=key_of("rival", public_key=encode_part(OTHER.public_key))
    )
    short = office.post("/v1/token-issuers", json=key_of("platform", kid="short", public_key="A" * 43 + "!"))
    own = market.post("/v1/token-issuers", json=key_of("platform", kid="mine"))
    old = market.post("/v1/status-lists", json={"status_list": listed(now() - DAY)})
    strange = rival.post("/v1/status-lists", json={"status_list": listed(now() + DAY / 1440)})
    no_list = market.post("/v1/status-lists", json={"status_list": "a.b.c"})

    assert again.status_code == 200
    assert problem(confused) == "409 reference-reused"
    assert problem(short) == "422 token-issuer-faulty"
    assert problem(own) == "403 role-not-allowed"
    assert problem(old) == "409 status-list-older"
    assert problem(strange) == "422 status-list-untrusted"
    assert problem(no_list) == "422 status-list-unreadable"
    # A holder sees its own number; a rival no number, and not whether there is one.
    assert [one["scheme"] for one in market.get("/v1/schemes").json()["schemes"]] == [scheme]
    assert rival.get("/v1/schemes").json()["schemes"] == []
    assert problem(rival.get(f"/v1/schemes/{scheme}/citations")) == "404 not-found"
    assert problem(rival.post(f"/v1/schemes/{scheme}/tokens", json={"tokens_from": today})) == "404 not-found"
    late = market.post(f"/v1/schemes/{scheme}/tokens", json={"tokens_from": "2026-01-01"})
    assert problem(late) == "422 tokens-from-past"


@pytest.mark.in_turn
def test_a_token_scanned_at_the_border_proves_once_and_never_for_other_goods(world: World, ask: Ask) -> None:
    scheme = register(ask)
    market, post, rival = ask("platform"), ask("post"), ask("rival")
    today = now().date().isoformat()
    said = market.post(f"/v1/schemes/{scheme}/tokens", json={"tokens_from": today})
    assert said.json()["tokens_from"] == today
    bare, other = file(rival, cited("scanned"), cited("other"))
    path = "/v1/cases/{}/tax-paid-tokens"

    before = market.get(f"/v1/schemes/{scheme}/citations").json()["total"]

    wrong = rival.post(path.format(other["case_id"]), json={"token": token("scanned", 1)})
    said_in_all = [
        rival.post(
            path.format(other["case_id"]),
            json={"token": token("scanned", 1)},
            headers={"accept-language": one},
        ).json()
        for one in LANGUAGES
    ]
    right = rival.post(path.format(bare["case_id"]), json={"token": token("scanned", 1)})
    again = rival.post(path.format(bare["case_id"]), json={"token": token("scanned", 1)})
    stranger = post.post(path.format(bare["case_id"]), json={"token": token("scanned", 1)})
    long = rival.post(path.format(bare["case_id"]), json={"token": "a" * 50_000})
    case = rival.get(f"/v1/cases/{bare['case_id']}").json()
    seen = market.get(f"/v1/schemes/{scheme}/citations").json()
    wait_until_shown(world.dsn)
    heard = market.get("/v1/events").json()["events"]
    market.post(f"/v1/schemes/{scheme}/tokens", json={"tokens_from": None})

    assert (wrong.json()["outcome"], right.json()["outcome"], again.json()["outcome"]) == (
        "refused",
        "proven",
        "proven",
    )
    assert [one["code"] for one in wrong.json()["reasons"]] == ["other-goods"]
    assert [one["field"] for one in wrong.json()["differences"]] == ["order_reference"]
    assert all(one["sentence"] and one["next_step"] for one in wrong.json()["reasons"])
    told = {one["reasons"][0]["next_step"] + one["differences"][0]["meaning"] for one in said_in_all}
    assert len(told) == len(LANGUAGES) == 8, told
    assert right.json()["act_id"]
    assert again.json()["act_id"] is None
    assert problem(stranger) == "404 not-found"
    assert long.status_code == 422
    assert (bare["decision"]["status"], case["status"]) == ("arrival-expected", "assessed")
    changed = {name: seen["total"][name] - before[name] for name in before if name.endswith("_count")}
    assert {name: count for name, count in changed.items() if count} == {
        "proven_count": 1,
        "missing_count": -2,
        "refused_count": 1,
    }
    assert "other-goods" in {one["code"] for one in seen["refused"]}
    assert seen["is_alert"]
    assert [one["kind"] for one in heard].count("scheme-citation-refused") >= 3


def test_whoever_paid_gets_a_proof_that_any_reader_checks(ask: Ask) -> None:
    rival, office = ask("rival"), ask("officer")
    (filed,) = file(rival, parcel("D-proof", order_references=["ORDER-proof"]))
    path = f"/v1/cases/{filed['case_id']}/tax-paid-proof"
    due = filed["decision"]["totals"]["due_at_border_amount"]

    unpaid = rival.get(path)
    paid = {"reference": "PROOF-1", "kind": "paid", "currency_code": "EUR", "amount": due}
    office.post(f"/v1/cases/{filed['case_id']}/payment-records", json=paid)
    proof = rival.get(path)
    again = rival.get(path)

    assert problem(unpaid) == "409 tax-not-paid"
    assert proof.status_code == 200, proof.text
    assert again.json() == proof.json()
    keys = read_key_set(rival.get("/.well-known/jwks.json").content)
    _, body, _ = proof.json()["token"].split(".")
    uri = json.loads(_decoded(body))["status"]["status_list"]["uri"]
    address = uri[uri.index("/v1/") :]
    answer = rival.get(address)
    kept = rival.get(address, headers={"if-none-match": answer.headers["etag"]})
    lists = read_lists([answer.text], keys)
    checker = TokenChecker(keys, lists, administration_code="TEST")
    assert checker.check(proof.json()["token"], now()).is_valid
    assert (answer.status_code, kept.status_code) == (200, 304)
    office.post(f"{path}/status", json={"status": "revoked"})
    newer = rival.get(address, headers={"if-none-match": answer.headers["etag"]})
    revoked = TokenChecker(keys, read_lists([newer.text], keys), administration_code="TEST")
    assert revoked.check(proof.json()["token"], now()).reasons == ("revoked",)
    assert problem(office.post(f"{path}/status", json={"status": "valid"})) == "409 proof-revoked"
    assert problem(rival.post(f"{path}/status", json={"status": "revoked"})) == "403 role-not-allowed"
    assert problem(ask("post").get(path)) == "404 not-found"
    assert problem(rival.get("/v1/tax-paid/status-lists/999999")) == "404 not-found"


@pytest.mark.in_turn
def test_nothing_of_a_scheme_number_stands_where_administrators_acts_are_read(world: World, ask: Ask) -> None:
    register(ask)

    kept = rows(world.dsn, "SELECT subject || detail FROM administering_act")

    assert not any(NUMBER in text for (text,) in kept)


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def settled(office: httpx2.Client, filed: dict[str, Any], reference: str) -> str:
    """Pay what is due at the border; return it."""
    due = str(filed["decision"]["totals"]["due_at_border_amount"])
    paid = {"reference": reference, "kind": "paid", "currency_code": "EUR", "amount": due}
    answer = office.post(f"/v1/cases/{filed['case_id']}/payment-records", json=paid)
    assert answer.json()["status"] == "settled", answer.text
    return due


@pytest.mark.in_turn
def test_what_was_paid_at_the_border_goes_back_when_a_token_comes_before_release(ask: Ask) -> None:
    scheme = register(ask)
    market, rival, office = ask("platform"), ask("rival"), ask("officer")
    market.post(f"/v1/schemes/{scheme}/tokens", json={"tokens_from": now().date().isoformat()})
    (filed,) = file(rival, cited("twice"))
    market.post(f"/v1/schemes/{scheme}/tokens", json={"tokens_from": None})
    due = settled(office, filed, "TWICE-1")

    shown = rival.post(f"/v1/cases/{filed['case_id']}/tax-paid-tokens", json={"token": token("twice", 2)})
    orders = office.get("/v1/refund-orders").json()["orders"]

    assert shown.json()["outcome"] == "proven"
    its = [one for one in orders if one["case_id"] == filed["case_id"]]
    assert [(one["amount"], one["ground"], one["status"]) for one in its] == [
        (due, "double-charge", "ordered")
    ]


@pytest.mark.in_turn
def test_after_release_the_law_names_who_makes_a_double_charge_good_and_it_is_one(
    world: World, ask: Ask
) -> None:
    scheme = register(ask)
    market, rival, office = ask("platform"), ask("rival"), ask("officer")
    market.post(f"/v1/schemes/{scheme}/tokens", json={"tokens_from": now().date().isoformat()})
    # One cites the number, and the law lets its buyer claim from the seller; one cites none.
    cites, silent = file(rival, cited("cites"), parcel("D-silent", order_references=["ORDER-silent"]))
    market.post(f"/v1/schemes/{scheme}/tokens", json={"tokens_from": None})
    for name, one in (("cites", cites), ("silent", silent)):
        settled(office, one, f"AFTER-{name}")
        arrived = now().isoformat()
        office.post(f"/v1/declarations/D-{name}/presentation", json={"arrived_at": arrived})
        rival.post(f"/v1/declarations/D-{name}/presentation", json={"arrived_at": arrived})
    path = "/v1/cases/{}/tax-paid-tokens"

    first = rival.post(path.format(cites["case_id"]), json={"token": token("cites", 3)}).json()
    second = rival.post(path.format(silent["case_id"]), json={"token": token("silent", 4)}).json()
    again = rival.post(path.format(silent["case_id"]), json={"token": token("silent", 4)}).json()
    elsewhere = rival.post(path.format(cites["case_id"]), json={"token": token("silent", 4)}).json()
    orders = office.get("/v1/refund-orders").json()["orders"]
    wait_until_shown(world.dsn)
    heard = [one["kind"] for one in market.get("/v1/events").json()["events"]]

    assert (first["outcome"], first["double_charge"]["leg"]) == ("double-charge", "supplier-corrects")
    assert (second["outcome"], second["double_charge"]["leg"]) == ("double-charge", "customs-repays")
    assert first["double_charge"]["amount"] == cites["decision"]["totals"]["tax_amount"]
    assert again["act_id"] is None
    assert elsewhere["outcome"] == "refused"
    assert not [one for one in orders if one["case_id"] in (cites["case_id"], silent["case_id"])]
    assert heard.count("double-charge-found") >= 2


def released(office: httpx2.Client, party: httpx2.Client, name: str) -> None:
    """Say that a parcel whose charges are paid is there."""
    arrived = now().isoformat()
    for one in (office, party):
        one.post(f"/v1/declarations/D-{name}/presentation", json={"arrived_at": arrived})


@pytest.mark.in_turn
def test_goods_that_come_back_are_found_by_the_token_that_their_import_used(ask: Ask) -> None:
    register(ask)
    rival, office, post = ask("rival"), ask("officer"), ask("post")
    proven, plain = file(rival, cited("kept", tax_paid_token=token("kept", 5)), parcel("D-plain"))
    settled(office, plain, "PLAIN-1")
    for name in ("kept", "plain"):
        released(office, rival, name)
    item = {"sequence_number": 1, "commodity_code": "61091000", "description": "T-shirt", "quantity": "1"}
    back = {"reason": "does not fit", "goods_items": [item], "bag_reference": "BAG-1"}
    back["tax_paid_token"] = token("kept", 5)

    stranger = post.post("/v1/returns", json=back | {"reference": "BY-STRANGER"})
    found = rival.post("/v1/returns", json=back | {"reference": "BY-TOKEN"})
    mrn = plain["decision"]["mrn"]
    contradicts = rival.post("/v1/returns", json=back | {"reference": "BY-BOTH", "mrn": mrn})
    own = rival.get("/v1/returns/BY-TOKEN")
    long = rival.post("/v1/returns", json=back | {"reference": "LONG", "tax_paid_token": "a" * 50_000})

    assert problem(stranger) == "409 return-unknown-declaration"
    assert (found.status_code, found.json()["case_id"]) == (201, proven["case_id"]), found.text
    assert [one["code"] for one in contradicts.json()["findings"]] == ["return-token-differs"]
    assert contradicts.json()["findings"][0]["pointer"] == "/tax_paid_token"
    assert own.json()["joined_over"].endswith("tax paid token")
    page = office.get(f"/parcels/{plain['case_id']}/repayments", headers={"accept-language": "fr"})
    assert "n&#39;est pas de cette importation" in page.text, "an officer reads why it is looked at"
    assert long.status_code == 422


def ordered(name: str, **changes: Any) -> dict[str, Any]:
    """The order of a parcel: goods for 25.00 and tax for 5.75."""
    line = {"sequence_number": 1, "description": "T-shirt", "quantity": "1", "amount": "25.00"}
    sale = {
        "currency_code": "EUR",
        "lines": [line],
        "tax_amount": "5.75",
        "purchased_at": "2026-06-29T10:00:00Z",
    }
    at = "2026-06-29T10:00:00Z"
    return {"reference": f"ORDER-{name}", "purchased_at": at, **sale, **changes}


def paid_for(name: str, amount: str) -> dict[str, Any]:
    said = {"amount": amount, "currency_code": "EUR", "paid_at": "2026-06-29T10:00:05Z"}
    return {"reference": f"PAY-{name}", "order_references": [f"ORDER-{name}"], **said}


def owed_at_border(party: httpx2.Client, filed: dict[str, Any]) -> list[str]:
    owed = party.get(f"/v1/cases/{filed['case_id']}/charges").json()["owed"]
    return [one["amount"] for one in owed if one["due"] == "border"]


@pytest.mark.in_turn
def test_an_order_carries_the_token_before_or_after_its_declaration(ask: Ask) -> None:
    scheme = register(ask)
    market, rival, office = ask("platform"), ask("rival"), ask("officer")
    today = now().date().isoformat()
    market.post(f"/v1/schemes/{scheme}/tokens", json={"tokens_from": today})

    before = rival.post("/v1/orders", json=ordered("o1", tax_paid_token=token("o1", 11)))
    (first,) = file(rival, cited("o1"))
    (second,) = file(rival, cited("o2"))
    after = rival.post("/v1/orders", json=ordered("o2", tax_paid_token=token("o2", 12)))
    (third,) = file(rival, cited("o3"))
    copied = rival.post("/v1/orders", json=ordered("o3", tax_paid_token=token("o2", 12)))
    charged = owed_at_border(rival, third)
    own = ask("seller").post("/v1/orders", json=ordered("o3", tax_paid_token=token("o3", 13)))
    market.post(f"/v1/schemes/{scheme}/tokens", json={"tokens_from": None})

    assert (before.status_code, after.status_code, copied.status_code) == (201, 201, 201), before.text
    assert own.status_code == 201, own.text
    assert charged == [third["decision"]["totals"]["tax_amount"]], "another goods' token proves nothing"
    assert [owed_at_border(rival, one) for one in (first, second, third)] == [[], [], []]
    seen = office.get(f"/v1/cases/{second['case_id']}").json()
    assert seen["status"] == "assessed"


@pytest.mark.in_turn
def test_order_and_payment_show_that_tax_was_charged_twice_and_it_goes_back_once(ask: Ask) -> None:
    register(ask)
    rival, office, post, payer = ask("rival"), ask("officer"), ask("post"), ask("payer")
    market = ask("platform")
    lets = {"grantee_identifier": "INVENTED-PAYMENTS", "document_kinds": ["payment"]}
    market.post("/v1/mandates", json={"reference": "PAYMENTS", **lets})
    filed = file(rival, *(parcel(f"D-p{one}", order_references=[f"ORDER-p{one}"]) for one in (1, 2, 3)))
    for number, one in enumerate(filed, 1):
        settled(office, one, f"DOUBLE-{number}")
        released(office, rival, f"p{number}")
    path = "/v1/cases/{}/tax-paid-tokens"

    early = rival.post(path.format(filed[0]["case_id"]), json={"token": None})
    market.post("/v1/orders", json=ordered("p1"))
    payer.post("/v1/payments", json=paid_for("p1", "30.75"))
    found = rival.post(path.format(filed[0]["case_id"]), json={"token": None}).json()
    by_token = rival.post(path.format(filed[0]["case_id"]), json={"token": token("p1", 21)}).json()
    market.post("/v1/orders", json=ordered("p2"))
    payer.post("/v1/payments", json=paid_for("p2", "25.00"))
    short = rival.post(path.format(filed[1]["case_id"]), json={"token": None})
    stranger = post.post(path.format(filed[0]["case_id"]), json={"token": None})
    repayments = office.get(f"/v1/cases/{filed[0]['case_id']}/repayments").json()["repayments"]
    page = office.get(f"/parcels/{filed[0]['case_id']}/repayments", headers={"accept-language": "fr"}).text
    granted = office.post(
        f"/v1/cases/{filed[0]['case_id']}/repayment-decisions",
        json={"reference": "GRANT-P1", "request": repayments[0]["request"], "is_granted": True},
    )
    placed = office.post("/v1/refund-orders", json={"cases": [filed[0]["case_id"]]})
    again = office.post("/v1/refund-orders", json={"cases": [filed[0]["case_id"]]})

    assert problem(early) == problem(short) == "409 double-charge-unproven"
    assert problem(stranger) == "404 not-found"
    charge = found["double_charge"]
    assert (charge["leg"], charge["proved_by"]) == ("customs-repays", "order-and-payment")
    assert by_token["double_charge"] == charge, "found once, whatever shows it"
    assert charge["amount"] == "5.75"
    assert [(one["ground"], one["amount"]) for one in repayments] == [("double-charge", charge["amount"])]
    assert "double-charge" not in page
    assert granted.status_code in (200, 201), granted.text
    assert [one["amount"] for one in placed.json()["orders"]] == [charge["amount"]], placed.text
    assert again.json()["orders"] == []


def signed(name: str, signer: Any, kid: str, **changes: Any) -> str:
    """A token of a key of its own, with its status in the list of all."""
    _, payload, _ = token(name, 30, **changes).split(".")
    return sign_compact(_decoded(payload), signer, kid=kid, typ=TYPE)


@pytest.mark.in_turn
def test_tokens_of_another_border_and_of_keys_that_ended_are_refused_with_words_and_a_next_step(
    world: World,
    ask: Ask,
) -> None:
    register(ask)
    rival, office, market = ask("rival"), ask("officer"), ask("platform")
    (filed,) = file(rival, cited("keys"))
    path = f"/v1/cases/{filed['case_id']}/tax-paid-tokens"
    public = {"public_key": encode_part(OTHER.public_key)}
    ended = key_of("platform", kid="market-ended", valid_to=(now() - DAY).isoformat(), **public)
    begun = (now() - 9 * DAY).isoformat()
    office.post("/v1/token-issuers", json=ended | {"valid_from": begun}).raise_for_status()
    rotated = office.post("/v1/token-issuers", json=key_of("platform", kid="market-old", **public)).json()
    office.post("/v1/token-issuers", json=key_of("platform", kid="market-new", **public)).raise_for_status()
    time.sleep(1.5)  # every process takes keys up within a second

    before = rival.post(path, json={"token": signed("other", OTHER, "market-old")}).json()
    office.post(f"/v1/token-issuers/{rotated['key_id']}/revocation").raise_for_status()
    time.sleep(1.5)
    refused = {
        "other-administration": token("keys", 31, administration_code="XX"),
        "expired": token("keys", 32, expires_at=now() - DAY / 2),
        "expired-key": signed("keys", OTHER, "market-old"),
        "unknown-key": signed("keys", OTHER, "market-never"),
        "forged": signed("keys", OTHER, KID),
    }
    answers = {code: rival.post(path, json={"token": one}).json() for code, one in refused.items()}
    over = rival.post(path, json={"token": signed("keys", OTHER, "market-ended")}).json()
    spoken = rival.post(
        path, json={"token": refused["other-administration"]}, headers={"accept-language": "fr"}
    ).json()
    proven = rival.post(path, json={"token": signed("keys", OTHER, "market-new")}).json()

    assert "expired-key" not in [one["code"] for one in before["reasons"]]
    for code, answer in [*answers.items(), ("expired-key", over)]:
        assert answer["outcome"] == "refused"
        assert code in [one["code"] for one in answer["reasons"]], answer
        assert all(one["sentence"] and one["next_step"] for one in answer["reasons"])
    assert spoken["reasons"][0]["sentence"] != answers["other-administration"]["reasons"][0]["sentence"]
    assert proven["outcome"] == "proven", "the issuer's new key is believed, and nothing was used up"
    wait_until_shown(world.dsn)
    assert market.get("/v1/events").json()["events"][-1]["kind"]
