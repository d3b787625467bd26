"""Faulty law that comes while the node serves: it is refused in words, and the law in force stays."""

import time
from collections.abc import Callable

import pytest

from serai.journey.assessment.store import Component, make_component
from serai.model.errors import SeraiError
from tests.faults.serving import Serving, encoded, parcel
from tests.turns import in_turn_but

Change = Callable[[list[Component]], list[Component]]


def edited(name: str, old: str, new: str) -> Change:
    """The law in force with one word changed in one file."""

    def change(present: list[Component]) -> list[Component]:
        found = [one for one in present if one.kind == "law-file" and one.name == name]
        assert len(found) == 1, sorted(one.name for one in present)
        text = found[0].content.decode()
        assert old in text, f"{name} has no {old!r}"
        changed = make_component("law-file", name, text.replace(old, new, 1).encode())
        return [one for one in present if one is not found[0]] + [changed]

    return change


def added_column(present: list[Component]) -> list[Component]:
    """The exchange rates with a row that is none."""
    rates = next(one for one in present if one.kind == "exchange-rates")
    broken = make_component("exchange-rates", "broken.csv", rates.content + b"ecb-daily,EUR,USD,many,1,,,,\n")
    return [*present, broken]


FAULTY = {
    "unknown-name": (
        edited("EU-2021/pack.yaml", "when: ", "when: is_intrinsically_odd AND "),
        "unknown-name",
    ),
    "wrong-type": (edited("EU-2021/pack.yaml", "when: ", "when: law_date > 5 AND "), "wrong-type"),
    "gap": (edited("EU-2021/pack.yaml", "valid_to: 2026-07-01", "valid_to: 2026-06-29"), "gap"),
    "overlap": (edited("EU-2021/pack.yaml", "valid_to: 2026-07-01", "valid_to: 2026-07-02"), "overlap"),
    "half-a-file": (edited("EU-2021/pack.yaml", "charges:", "charges: ["), None),
    "row-of-a-list": (added_column, None),
}


@pytest.mark.parametrize("name", in_turn_but({"gap", "half-a-file"}, FAULTY))
def test_faulty_law_is_refused_and_the_law_in_force_stays(node: Serving, key: str, name: str) -> None:
    change, code = FAULTY[name]
    before = node.rows("SELECT max(generation_id) FROM law_generation")
    first = node.send(encoded(parcel(f"LAW-{name}-1")), key).json()["decision"]

    with pytest.raises(SeraiError) as fault:
        node.change_law(change)

    assert code is None or fault.value.code == code, fault.value
    assert fault.value.message
    assert fault.value.next_step
    time.sleep(1.5)
    second = node.send(encoded(parcel(f"LAW-{name}-2")), key).json()["decision"]
    assert (first["basis"], first["totals"]) == (second["basis"], second["totals"])
    assert node.rows("SELECT max(generation_id) FROM law_generation") == before


@pytest.mark.in_turn
def test_faulty_law_that_got_into_the_database_is_not_taken_up(node: Serving, key: str) -> None:
    """As if an older version, whose checks were weaker, had put it in force."""
    first = node.send(encoded(parcel("LAW-FORCED-1")), key).json()["decision"]
    broken = make_component("law-file", "EU-2021/pack.yaml", b"format: serai-pack/1\ncode: [")
    node.execute(
        "INSERT INTO basis_component (component_hash, administration_id, kind, name, content, added_at) "
        f"VALUES ('\\x{broken.component_hash.hex()}', 1, 'law-file', '{broken.name}', "
        f"'\\x{broken.content.hex()}', clock_timestamp())"
    )
    node.execute(
        "INSERT INTO law_generation (administration_id, component_hashes, activated_at, note) "
        f"SELECT 1, ARRAY['\\x{broken.component_hash.hex()}'::bytea], clock_timestamp(), 'forced'"
    )
    try:
        time.sleep(2)
        replies = [node.send(encoded(parcel(f"LAW-FORCED-{n}")), key) for n in range(2, 10)]

        assert {one.status for one in replies} == {201}
        assert {one.json()["decision"]["basis"] for one in replies} == {first["basis"]}
        assert '"job-failed","level":"warning","job":"follow-generation"' in node.said()
    finally:
        node.execute("DELETE FROM law_generation WHERE note = 'forced'")


@pytest.mark.in_turn
def test_sound_law_is_taken_up_by_every_process_within_two_seconds(node: Serving, key: str) -> None:
    first = node.send(encoded(parcel("LAW-NEW-1")), key).json()["decision"]

    node.change_law(edited("EU-2021/pack.yaml", 'title: "European Union', 'title: "The European Union'))
    time.sleep(3)

    replies = [node.send(encoded(parcel(f"LAW-NEW-{n}")), key) for n in range(2, 14)]
    bases = {one.json()["decision"]["basis"] for one in replies}
    assert len(bases) == 1
    assert bases != {first["basis"]}
