"""An administrator's day over HTTP: parties, keys, lists, law; who may, what is faulty, what is repeated."""

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import psycopg
import pytest

from serai.foundation.archive import FILES_COUNT_MAX, UNPACKED_BYTES_MAX, read_archive
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.shipped import find_shipped, read_law_files
from serai.model.errors import SeraiError
from tests.journey.cases.world import World, file, parcel, rows

RATES = find_shipped("examples") / "lists" / "invented-exchange-rates.csv"
CSV = {"content-type": "text/csv"}
ZIP = {"content-type": "application/zip"}
LISTED = b"entry_id,name,kind_code\n1,Ann Invented Other,person\n"


@pytest.fixture
def admin(world: World) -> Iterator[httpx2.Client]:
    with world.client("officer") as client:
        yield client


@pytest.fixture(scope="module")
def staff(world: World) -> Iterator[Callable[..., httpx2.Client]]:
    """Clients of parties that the administrator has added over HTTP, by role."""
    clients: dict[str, httpx2.Client] = {}

    def client_of(role: str, *scopes: str) -> httpx2.Client:
        name = "-".join((role, *scopes))
        if name not in clients:
            with world.client("officer") as admin:
                party = add(admin, name, [role]).json()["party"]
                key = make_key(admin, party, name, list(scopes) or ["administering"]).json()["text"]
            headers = {"authorization": f"Bearer {key}"}
            clients[name] = httpx2.Client(base_url=world.address, timeout=60, headers=headers)
        return clients[name]

    yield client_of
    for client in clients.values():
        client.close()


def add(
    client: httpx2.Client, reference: str, roles: list[str], name: str = "Invented Express"
) -> httpx2.Response:
    return client.post("/v1/parties", json={"reference": reference, "name": name, "roles": roles})


def make_key(client: httpx2.Client, party: str, reference: str, scopes: list[str]) -> httpx2.Response:
    return client.post(f"/v1/parties/{party}/keys", json={"reference": reference, "scopes": scopes})


def told(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


# ---- parties ----


def test_a_party_added_over_http_files_until_its_key_is_revoked(admin: httpx2.Client, world: World) -> None:
    added = add(admin, "EXPRESS-1", ["declarant", "carrier"])
    party = added.json()["party"]
    made = make_key(admin, party, "first", ["lodging", "reading"])

    assert (added.status_code, added.headers["location"]) == (201, f"/v1/parties/{party}")
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    text, key = made.json()["text"], made.json()["key"]
    with httpx2.Client(base_url=world.address, headers={"authorization": f"Bearer {text}"}) as declarant:
        assert file(declarant, parcel("ADMIN-1"))[0]["status"] == "decided"

        revoked = admin.delete(f"/v1/parties/{party}/keys/{key}")
        # At once: this very second the key would still be trusted without asking the database.
        refused = declarant.get("/v1/declarations")

    assert revoked.status_code == 200
    assert revoked.json()["revoked_at"] is not None
    assert told(refused) == (401, "key-revoked")
    listed = admin.get(f"/v1/parties/{party}/keys")
    assert [(one["key"], one["reference"]) for one in listed.json()["keys"]] == [(key, "first")]
    assert text not in listed.text
    assert text.split("_", 2)[2] not in listed.text, "the secret, which may have an underscore of its own"
    again = admin.delete(f"/v1/parties/{party}/keys/{key}").json()
    assert again["revoked_at"] == revoked.json()["revoked_at"]


def test_asking_again_adds_no_second_party_and_no_second_key(admin: httpx2.Client, world: World) -> None:
    first, again = add(admin, "TWICE", ["post"]), add(admin, "TWICE", ["post"])
    other_name = add(admin, "TWICE", ["post"], "Somebody Else")
    other_roles = add(admin, "TWICE", ["post", "officer"])
    party = first.json()["party"]
    key, key_again = (make_key(admin, party, "label", ["lodging"]) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert told(other_name) == told(other_roles) == (409, "reference-reused")
    assert (key.status_code, told(key_again)) == (201, (409, "key-exists"))
    assert rows(world.dsn, "SELECT count(*) FROM party WHERE reference = 'TWICE'") == [(1,)]
    assert rows(world.dsn, "SELECT count(*) FROM api_key WHERE reference = 'label'") == [(1,)]
    # The same reference for another party is another key.
    other = add(admin, "TWICE-2", ["post"]).json()["party"]
    assert make_key(admin, other, "label", ["lodging"]).status_code == 201


def test_roles_are_given_and_taken(admin: httpx2.Client) -> None:
    party = add(admin, "ROLES", ["post"]).json()["party"]

    given = admin.put(f"/v1/parties/{party}/roles/carrier").json()["roles"]
    taken = admin.delete(f"/v1/parties/{party}/roles/post").json()["roles"]
    admin.delete(f"/v1/parties/{party}/roles/post")

    assert (given, taken) == (["carrier", "post"], ["carrier"])
    assert admin.get(f"/v1/parties/{party}").json()["roles"] == ["carrier"]
    kinds = [one["kind"] for one in acts_on(admin, f"party {party}")]
    assert kinds == ["role-taken", "role-given", "party-added"], "what changed nothing is no act"


def test_pages_of_parties_hold_each_once(admin: httpx2.Client, world: World) -> None:
    for number in range(3):
        add(admin, f"PAGED-{number}", ["post"])
    seen: list[str] = []
    after: dict[str, Any] = {}
    while True:
        page = admin.get("/v1/parties", params={"limit": 2, **after}).json()
        seen += [one["party"] for one in page["parties"]]
        if page["next_after"] is None:
            break
        after = {"after": page["next_after"]}

    # Another test adds a party of another administration, which is not listed here.
    own = rows(world.dsn, "SELECT count(*) FROM party WHERE administration_id = 1")[0][0]
    assert len(seen) == len(set(seen)) == own


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"reference": "BAD", "name": "X", "roles": ["pirate"]}, 400, "role-unknown"),
        ({"reference": "BAD", "name": "X", "roles": ["public"]}, 400, "role-unknown"),
        ({"reference": "BAD", "name": "X", "roles": []}, 422, "body-faulty"),
        ({"reference": "BAD", "name": "X\u0000", "roles": ["post"]}, 400, "input-faulty"),
        ({"reference": "", "name": "X", "roles": ["post"]}, 422, "body-faulty"),
        ({"reference": "BAD", "name": "X", "roles": ["post"], "admin": True}, 422, "body-faulty"),
    ],
)
def test_a_faulty_party_is_not_added(
    admin: httpx2.Client, world: World, body: dict[str, Any], status: int, code: str
) -> None:
    refused = admin.post("/v1/parties", json=body)

    assert told(refused) == (status, code)
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert rows(world.dsn, "SELECT 1 FROM party WHERE reference = 'BAD'") == []


def test_what_is_not_there_is_not_found(admin: httpx2.Client) -> None:
    party = add(admin, "HERE", ["post"]).json()["party"]
    other = add(admin, "THERE", ["post"]).json()["party"]
    key = make_key(admin, other, "theirs", ["lodging"]).json()["key"]
    absent = format_id(23)

    assert told(admin.get("/v1/parties/nonsense")) == (400, "id-mistyped")
    for answer in (
        admin.get(f"/v1/parties/{absent}"),
        admin.put(f"/v1/parties/{absent}/roles/post"),
        admin.delete(f"/v1/parties/{absent}/roles/post"),
        admin.get(f"/v1/parties/{absent}/keys"),
        make_key(admin, absent, "x", ["lodging"]),
    ):
        assert told(answer) == (404, "party-unknown"), answer.request.url
    for name in (key, "ff", "zz"):
        assert told(admin.delete(f"/v1/parties/{party}/keys/{name}")) == (404, "key-not-there")
    assert told(make_key(admin, party, "x", ["everything"])) == (400, "scope-unknown")
    assert admin.get(f"/v1/parties/{other}/keys").json()["keys"][0]["revoked_at"] is None


# ---- lists ----


def test_a_list_is_put_in_force_and_the_same_bytes_change_nothing(admin: httpx2.Client) -> None:
    sent = admin.post(
        "/v1/lists/exchange-rates", params={"name": "rates.csv"}, content=RATES.read_bytes(), headers=CSV
    )
    again = admin.post(
        "/v1/lists/exchange-rates", params={"name": "rates.csv"}, content=RATES.read_bytes(), headers=CSV
    )

    assert (sent.status_code, sent.json()["is_changed"]) == (201, True)
    assert (again.status_code, again.json()["is_changed"]) == (200, False)
    assert sent.json()["generation"] == again.json()["generation"]
    assert sent.json()["entries_count"] == RATES.read_text().strip().count("\n")
    lists = {(one["kind"], one["name"]): one["size_bytes"] for one in admin.get("/v1/lists").json()["lists"]}
    assert lists["exchange-rates", "rates.csv"] == RATES.stat().st_size
    assert ("denied-parties", "invented.csv") in lists, "the list that was there stays"
    done = acts_on(admin, "exchange-rates rates.csv")
    assert [one["kind"] for one in done] == ["list-imported"]
    assert done[0]["actor"].startswith("key:")


def test_a_list_over_http_stops_the_next_parcel(admin: httpx2.Client, world: World) -> None:
    named = {"name": "Ann Invented Other", "country_code": "IE", "city": "Dublin", "postcode": "D02 AF30"}
    with world.client("post") as post:
        before = file(post, parcel("LISTED-1", consignee=named))[0]["decision"]["lane"]
        admin.post("/v1/lists/denied-parties", params={"name": "new.csv"}, content=LISTED, headers=CSV)
        deadline, lane, number = time.monotonic() + 20, before, 1
        while lane == before and time.monotonic() < deadline:
            number += 1
            lane = file(post, parcel(f"LISTED-{number}", consignee=named))[0]["decision"]["lane"]

    assert (before, lane) == ("proceed", "review")


@pytest.mark.in_turn
def test_a_name_with_tricks_is_stopped_or_refused_when_it_is_filed(
    admin: httpx2.Client, world: World
) -> None:
    listed = b"entry_id,name,kind_code\n1,Zebulon Quixwood,person\n"
    assert admin.post("/v1/lists/denied-parties?name=tricks.csv", content=listed, headers=CSV).is_success
    tricks = [
        "Zebulon Quixwood",
        "Z\u0435bul\u043en Quixw\u043e\u043ed",  # Cyrillic letters that look the same
        "Zebul\u03bfn Quixw\u03bf\u03bfd",  # Greek ones
        "Zebulon\u200b Quix\u200bwood",
        "\u202eZebulon Quixwood\u202c",
        "Zebulon Quixwood " * 600,
        "a" * 10_000,
    ]
    time.sleep(2)  # every process has taken the list up
    became = []
    with world.client("post") as post:
        for number, name in enumerate(tricks):
            consignee = {"name": name, "country_code": "IE", "city": "Dublin", "postcode": "D02 AF30"}
            began = time.monotonic()
            answer = post.post("/v1/declarations", json=parcel(f"TRICK-{number}", consignee=consignee))
            assert time.monotonic() - began < 20
            said = answer.json()
            became.append(said["decision"]["lane"] if answer.is_success else answer.status_code)

    assert became[0] == "review"
    assert "proceed" not in became, became
    assert became[-2:] in ([400, 400], [422, 422]), became


def test_a_list_that_shrinks_asks_for_a_person_where_nothing_else_does(admin: httpx2.Client) -> None:
    rows_of_list = [b"%d,Invented Shrinking %d,person\n" % (n, n) for n in range(40)]

    def sent(count: int) -> httpx2.Response:
        content = ROWLESS + b"".join(rows_of_list[:count])
        return admin.post("/v1/lists/denied-parties?name=shrinks.csv", content=content, headers=CSV)

    assert sent(40).status_code == 201
    before = admin.get("/v1/lists").json()
    refused = sent(20)

    assert (refused.status_code, refused.json()["code"]) == (403, "person-needed"), refused.text
    assert admin.get("/v1/lists").json() == before, "the list in force stays"


def test_a_source_of_lists_is_registered_with_its_key_and_ended(admin: httpx2.Client, world: World) -> None:
    source = {"name": "un.xml", "address": "https://lists.invented.example/un.xml", "public_key": "A" * 43}

    made = admin.post("/v1/list-sources", json=source)
    again = admin.post("/v1/list-sources", json=source)
    wrong = [
        admin.post("/v1/list-sources", json=source | changes)
        for changes in ({"public_key": "A" * 44}, {"address": "../x"}, {"address": "http://127.0.0.1/x"})
    ]

    assert made.status_code == 201, made.text
    ((one,),) = (made.json()["list_sources"],)
    assert (one["name"], one.get("signed_at"), one["is_stale"]) == ("un.xml", None, False)
    assert (again.status_code, again.json()["code"]) == (409, "reference-reused")
    assert [answer.status_code for answer in wrong] == [422, 422, 422], [answer.text for answer in wrong]
    with world.client("post") as post:
        assert post.get("/v1/list-sources").status_code == 403
        assert post.post(f"/v1/list-sources/{one['list_source']}/end").status_code == 403
    ended = admin.post(f"/v1/list-sources/{one['list_source']}/end")
    assert (ended.status_code, ended.json()["list_sources"]) == (200, [])
    assert admin.post(f"/v1/list-sources/{one['list_source']}/end").status_code == 404


ROWLESS = b"entry_id,name,kind_code\n"
UNDATED = b"kind,number,valid_from,valid_to\nIOSS,IM1,yesterday,\n"


@pytest.mark.parametrize(
    ("kind", "name", "content", "problem"),
    [
        ("denied-parties", "x.csv", ROWLESS + b"1,,person\n", (422, "list-file")),
        ("denied-parties", "x.csv", ROWLESS, (422, "list-file-empty")),
        ("denied-parties", "x.xml", b"<html>", (422, "list-file")),
        ("scheme-register", "x.csv", UNDATED, (422, "list-file")),
        ("exchange-rates", "x.csv", b"\xff\xfe", (422, "list-file")),
        ("tariff", "x.csv", b"", (422, "list-file-empty")),
        ("tariff", "x.xml", b"<x/>", (415, "content-type-unsupported")),
        ("wishes", "x.csv", LISTED, (400, "input-faulty")),
        ("denied-parties", "../x.csv", LISTED, (400, "input-faulty")),
        ("denied-parties", "", LISTED, (400, "input-faulty")),
    ],
)
def test_a_faulty_list_changes_nothing(
    admin: httpx2.Client, kind: str, name: str, content: bytes, problem: tuple[int, str]
) -> None:
    before = admin.get("/v1/lists").json()
    headers = {"content-type": "application/xml"} if name.endswith(".xml") else CSV

    refused = admin.post(f"/v1/lists/{kind}", params={"name": name}, content=content, headers=headers)

    assert told(refused) == problem
    assert admin.get("/v1/lists").json() == before


# ---- law ----


def packed(files: dict[str, bytes], top: str = "") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, one in files.items():
            archive.writestr(top + path, one)
    return content.getvalue()


@pytest.fixture
def laws() -> dict[str, bytes]:
    return read_law_files(find_shipped("laws"))


@pytest.mark.in_turn
def test_packs_are_put_in_force_and_taken_back(
    staff: Callable[..., httpx2.Client], laws: dict[str, bytes], admin: httpx2.Client
) -> None:
    legal = staff("legal")
    before = legal.get("/v1/law-generations").json()["generations"][0]
    fewer = {path: one for path, one in laws.items() if not path.startswith("JP-2024/")}

    sent = legal.post("/v1/law-generations?note=without%20Japan", content=packed(fewer, "laws/"), headers=ZIP)
    again = legal.post("/v1/law-generations", content=packed(fewer), headers=ZIP)
    after = legal.get("/v1/law-generations").json()["generations"][0]
    back = legal.post("/v1/law-generations", json={"packs_of_generation": before["generation"]})

    assert (sent.status_code, sent.json()["is_changed"]) == (201, True)
    assert (again.status_code, again.json()["is_changed"]) == (200, False)
    assert (after["generation"], after["is_in_force"], after["note"]) == (
        sent.json()["generation"],
        True,
        "without Japan",
    )
    assert after["packs_count"] == before["packs_count"] - 1
    assert after["lists"] == before["lists"]
    assert back.json()["packs_count"] == before["packs_count"]
    assert legal.get("/v1/law-generations").json()["generations"][0]["packs_count"] == before["packs_count"]
    kinds = {one["kind"] for one in acts_on(admin, f"generation {sent.json()['generation']}")}
    assert kinds == {"law-activated"}


def test_faulty_law_is_told_with_every_fault_and_the_law_in_force_stays(
    staff: Callable[..., httpx2.Client], laws: dict[str, bytes], world: World
) -> None:
    legal = staff("legal")
    before = legal.get("/v1/law-generations").json()
    faulty = {f"{code}/pack.yaml": b"format: nonsense\n" for code in ("EU-2026", "NO-VOEC-2024")}
    assert faulty.keys() <= laws.keys()

    refused = legal.post("/v1/law-generations", content=packed({**laws, **faulty}), headers=ZIP)

    assert told(refused) == (422, "law-faulty")
    pointers = {one["pointer"].partition(":")[0] for one in refused.json()["errors"]}
    assert sorted(pointers) == sorted(faulty)
    assert legal.get("/v1/law-generations").json() == before
    with world.client("post") as post:
        assert file(post, parcel("STILL-1"))[0]["status"] == "decided"


def test_what_is_no_folder_of_packs_is_refused(
    staff: Callable[..., httpx2.Client], laws: dict[str, bytes]
) -> None:
    legal = staff("legal")
    before = legal.get("/v1/law-generations").json()
    no_tables = {path: one for path, one in laws.items() if not path.startswith("tables/")}

    for content, headers, status, code in (
        (b"PK no archive", ZIP, 422, "archive-faulty"),
        (packed({"../EU-2026/pack.yaml": b"x"}), ZIP, 422, "archive-faulty"),
        (packed(no_tables), ZIP, 422, "law-faulty"),
        (packed({**laws, "tables/territories.csv": b"\xff\xfe"}), ZIP, 422, "law-faulty"),
        (b'{"packs_of_generation": 99999}', {"content-type": "application/json"}, 404, "generation-unknown"),
        (b'{"packs_of_generation": "x"}', {"content-type": "application/json"}, 422, "body-faulty"),
        (b"x", CSV, 415, "content-type-unsupported"),
    ):
        assert told(legal.post("/v1/law-generations", content=content, headers=headers)) == (status, code)
    assert legal.get("/v1/law-generations").json() == before


def test_an_archive_that_unpacks_to_more_than_is_taken_is_refused() -> None:
    for files in (
        {"large": bytes(UNPACKED_BYTES_MAX + 1)},
        {str(number): b"" for number in range(FILES_COUNT_MAX + 1)},
    ):
        with pytest.raises(SeraiError) as caught:
            read_archive(packed(files))
        assert caught.value.code == "archive-faulty"


# ---- who may ----

ROUTES = [
    ("GET", "/v1/parties", {"admin"}),
    ("POST", "/v1/parties", {"admin"}),
    ("GET", "/v1/parties/0000-0000-0000-17", {"admin"}),
    ("PUT", "/v1/parties/0000-0000-0000-17/roles/post", {"admin"}),
    ("DELETE", "/v1/parties/0000-0000-0000-17/roles/post", {"admin"}),
    ("GET", "/v1/parties/0000-0000-0000-17/keys", {"admin"}),
    ("POST", "/v1/parties/0000-0000-0000-17/keys", {"admin"}),
    ("DELETE", "/v1/parties/0000-0000-0000-17/keys/1", {"admin"}),
    ("GET", "/v1/lists", {"admin", "legal", "auditor"}),
    ("POST", "/v1/lists/tariff?name=x.csv", {"admin", "legal"}),
    ("GET", "/v1/law-generations", {"admin", "legal", "auditor"}),
    ("POST", "/v1/law-generations", {"legal"}),
    ("GET", "/v1/administering-acts", {"admin", "legal", "auditor"}),
]


@pytest.mark.parametrize(("method", "path", "allowed"), ROUTES)
def test_only_who_may_gets_through(
    staff: Callable[..., httpx2.Client], world: World, method: str, path: str, allowed: set[str]
) -> None:
    for role in ("admin", "legal", "auditor", "officer", "declarant"):
        answer = staff(role).request(method, path)
        if role in allowed:
            assert answer.status_code not in (401, 403), (role, answer.text)
        else:
            assert told(answer) == (403, "role-not-allowed"), role
    role = min(allowed)
    assert told(staff(role, "reading").request(method, path)) == (403, "scope-missing")
    with world.client("") as stranger:
        assert told(stranger.request(method, path)) == (401, "sign-in-needed")


def test_an_administrator_of_another_administration_does_nothing_here(
    admin: httpx2.Client, world: World
) -> None:
    party = add(admin, "FOREIGN", ["admin", "legal"]).json()["party"]
    text = make_key(admin, party, "k", ["administering"]).json()["text"]
    rows(
        world.dsn,
        "INSERT INTO administration VALUES (9, 'NINE', 'Nine', 'UTC', true, '2026-01-01Z') RETURNING 1",
    )
    rows(world.dsn, "UPDATE party SET administration_id = 9 WHERE reference = 'FOREIGN' RETURNING 1")
    rows(world.dsn, "UPDATE api_key SET administration_id = 9 WHERE reference = 'k' RETURNING 1")

    with httpx2.Client(base_url=world.address, headers={"authorization": f"Bearer {text}"}) as foreign:
        for method, path, _ in ROUTES:
            if method == "GET":
                assert told(foreign.request(method, path)) == (401, "key-unknown"), path
        assert told(add(foreign, "NO", ["post"])) == (401, "key-unknown")
        refused = foreign.post("/v1/lists/denied-parties?name=n.csv", content=LISTED, headers=CSV)
        assert told(refused) == (401, "key-unknown")
        assert told(foreign.post("/v1/law-generations", content=b"", headers=ZIP)) == (
            401,
            "key-unknown",
        )
    assert told(admin.get(f"/v1/parties/{party}")) == (404, "party-unknown")


# ---- the record ----


def acts_on(client: httpx2.Client, subject: str) -> list[dict[str, Any]]:
    return [one for one in every_act(client) if one["subject"] == subject]


def every_act(client: httpx2.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = client.get("/v1/administering-acts", params={"limit": 3, **after}).json()
        found += page["acts"]
        if page["next_after"] is None:
            return found
        after = {"after": page["next_after"]}


def test_the_record_holds_each_act_once_the_newest_first(admin: httpx2.Client) -> None:
    party = add(admin, "RECORDED", ["post"]).json()["party"]
    key = make_key(admin, party, "one", ["lodging"]).json()["key"]
    for _ in range(2):
        admin.delete(f"/v1/parties/{party}/keys/{key}")

    acts = every_act(admin)

    assert [(one["kind"], one["subject"]) for one in acts[:3]] == [
        ("key-revoked", f"key {key}"),
        ("key-made", f"key {key}"),
        ("party-added", f"party {party}"),
    ]
    assert len({one["act_id"] for one in acts}) == len(acts)
    assert [one["at"] for one in acts] == sorted((one["at"] for one in acts), reverse=True)


# ---- the record in the log ----


def proven(admin: httpx2.Client, act_id: str) -> dict[str, Any]:
    """What the log says of an act, by its proof as it is handed out."""
    proof = admin.get(f"/v1/administering-acts/{act_id}/proof")
    assert proof.status_code == 200, proof.text
    return dict(admin.post("/v1/receipts/verify", json=proof.json()).json())


@pytest.mark.in_turn
def test_what_an_administrator_did_stands_in_the_log_and_a_changed_row_does_not_open_it(
    admin: httpx2.Client, world: World
) -> None:
    add(admin, "LOGGED-1", ["declarant"])
    until = time.monotonic() + 30
    while not all(one["is_logged"] for one in admin.get("/v1/administering-acts").json()["acts"]):
        assert time.monotonic() < until
        time.sleep(0.2)
    (act, *_) = admin.get("/v1/administering-acts").json()["acts"]

    honest = proven(admin, act["act_id"])
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        change = "UPDATE administering_act SET actor = %s WHERE act_id = %s"
        number = parse_id(act["act_id"])
        connection.execute(change, ("key:someone-else", number))
        changed = proven(admin, act["act_id"])
        connection.execute(change, (act["actor"], number))

    assert (honest["is_genuine"], honest["opened"]) == (True, ["administering-act"])
    assert not changed.get("opened"), changed
    assert changed["faults"]


def test_proof_of_an_act_is_for_those_who_read_the_record(
    staff: Callable[..., httpx2.Client], admin: httpx2.Client
) -> None:
    (act, *_) = admin.get("/v1/administering-acts").json()["acts"]

    assert (
        staff("declarant", "reading").get(f"/v1/administering-acts/{act['act_id']}/proof").status_code == 403
    )
    assert admin.get("/v1/administering-acts/0001-0000-0000-00/proof").status_code in {400, 404}
