"""Listed names are found however they are written, and nothing that is written keeps the machine busy."""

# ruff: noqa: RUF001, signs that look like others are what this is about

import csv
import random
import time
from functools import cache
from typing import Any

import pytest

from serai.journey.screening.evidence import Asked
from serai.journey.screening.list_entry import ListEntry
from serai.journey.screening.list_formats.un_xml import decode_un_list
from serai.journey.screening.screener import Screener, build_screener
from serai.model.names.similarity.index import NameIndex
from tests.beside import SHARED, needs

SCREENING = SHARED / "reference" / "screening"
CYRILLIC = dict(zip("abdeghiklmnoprstuvz", "абдегхиклмнопрстувз", strict=True))
LOOK_ALIKE = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х"}


def entry(*names: str, number: str = "E-1", kind: str = "person", **more: object) -> ListEntry:
    return ListEntry(list_code="TEST", entry_id=number, kind_code=kind, names=names, **more)  # type: ignore[arg-type]


def found(screener: Screener, name: str, **more: object) -> list[str]:
    return [hit.entry.entry_id for hit in screener.find([Asked(name, **more)])]  # type: ignore[arg-type]


LISTED = build_screener(
    [
        entry("Zoltan Ferenc Quillbrand", number="E-1", birth_years=((1961, 1961),), country_codes=("HU",)),
        entry("Mohammed Youssef al-Harrani", number="E-2", identity_numbers=("K4471920",)),
        entry("Open Joint Stock Company Vostokmetal", number="E-3", kind="organisation"),
        entry("Nordhaven Shipping & Trading Ltd", number="E-4", kind="organisation"),
        entry("MV BLUE HERON 7", number="E-5", kind="vessel"),
        entry("Абдурахман Салимов", number="E-6"),
        entry("李明华", number="E-7"),
        entry("عبد الله حسن الكرادي", number="E-8"),
        entry("Tall Omar", number="E-9", weak_names=("Joe",), birth_years=((1970, 1972),)),
    ]
)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Quillbrand, Zoltan", "E-1"),
        ("Z. F. Quillbrand", "E-1"),
        ("Zoltna Ferenc Quilbrand", "E-1"),
        ("ZoltanFerencQuillbrand", "E-1"),
        ("Muhamad Yusuf Al Harani", "E-2"),
        ("Harrani Mohamed Yousef", "E-2"),
        ("محمد يوسف الحراني", "E-2"),
        ("OAO Vostokmetal", "E-3"),
        ("ОАО «Востокметал»", "E-3"),
        ("Vostokmetall JSC", "E-3"),
        ("Nord Haven Shipping and Trading Limited", "E-4"),
        ("Blue Heron Seven", "E-5"),
        ("Abdurakhman Salimov", "E-6"),
        ("Li Minghua", "E-7"),
        ("Abdullah Hassan al-Karadi", "E-8"),
        ("\u202eZoltan\u202c Quill\u200bbrand", "E-1"),
        ("Zоltаn Quillbrаnd", "E-1"),
        ("ＺＯＬＴＡＮ Ｑｕｉｌｌｂｒａｎｄ", "E-1"),
    ],
)
def test_a_listed_name_is_found_in_another_spelling(name: str, number: str) -> None:
    assert number in found(LISTED, name)


@pytest.mark.parametrize(
    "name",
    [
        "Zoltan Ferenc Szabo",
        "Mohammed al-Rashid",
        "Vostok Trade LLC",
        "Nordhaven Bakery Ltd",
        "Joe",
        "Omar Small",
        "Li Mei",
        "",
        " .,- ",
        "Company Limited",
        "\u200b\u202e",
    ],
)
def test_somebody_else_is_not(name: str) -> None:
    assert found(LISTED, name) == []


def test_birth_year_country_and_number_weigh_where_both_sides_have_them() -> None:
    def score(**more: object) -> int:
        (hit,) = LISTED.find([Asked("Zoltan Ferenc Quillbrandt", "person", **more)])  # type: ignore[arg-type]
        return hit.score_ppm

    assert score(birth_year=1961) > score() > score(birth_year=1988)
    assert score(country_code="HU") > score() > score(country_code="BR")
    (by_number,) = LISTED.find([Asked("M. Harrani", identity_number="k-447 1920")])
    assert by_number.score_ppm >= 950_000
    assert "identity-number" in {one.what for one in by_number.agrees}


def test_a_weak_alias_finds_nobody_but_with_a_year_of_birth() -> None:
    assert found(LISTED, "Joe") == []
    assert found(LISTED, "Joe", birth_year=1971) == ["E-9"]


def test_a_hit_says_what_agrees_and_what_does_not() -> None:
    (hit,) = LISTED.find([Asked("Maria Zoltan Ferenc Quillbrand", "person", "HU", 1988)])

    assert {(one.what, one.asked) for one in hit.agrees} == {
        ("word", "zoltan"), ("word", "ferenc"), ("word", "quillbrand"), ("country", "HU")
    }  # fmt: skip
    assert {(one.what, one.asked, one.listed) for one in hit.differs} == {
        ("word", "maria", None), ("birth-year", "1988", "1961")
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "a" * 10_000,
        "Ali " * 2_500,
        "\u202e" * 10_000 + "Ali",
        "é̂̃" * 3_000,
        "𝓐" * 10_000,
        ".".join("abcdefghij" * 1_000),
        "ﷺ" * 10_000,
        "-" * 10_000,
        "Ж" * 5_000 + "a" * 5_000,
    ],
)
def test_a_name_of_ten_thousand_signs_takes_no_time(name: str) -> None:
    LISTED.find([Asked("warm up")])
    began = time.process_time()

    LISTED.find([Asked(name)] * 20)

    assert (time.process_time() - began) / 20 < 0.02


@cache
def un() -> Screener:
    return build_screener(decode_un_list((SCREENING / "UN_consolidated.xml").read_bytes()))


def respell(name: str, rng: random.Random) -> str:
    """Change a name once: a letter lost, doubled, exchanged or mistyped, or words in other order."""
    letters = list(name)
    places = [place for place, sign in enumerate(letters) if sign.isalpha()]
    place = rng.choice(places[1:])
    kind = rng.randrange(5)
    if kind == 0:
        del letters[place]
    elif kind == 1:
        letters.insert(place, letters[place])
    elif kind == 2 and place + 1 < len(letters):
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    elif kind == 3:
        letters[place] = rng.choice("aeiourstln")
    else:
        words = name.split()
        return f"{words[-1]}, {' '.join(words[:-1])}"
    return "".join(letters)


@needs(SCREENING)
def test_names_that_were_misspelt_at_random_are_found() -> None:
    rng = random.Random(20261201)
    persons = [one for one in un().entries if len(one.names[0].split()) > 1 and one.kind_code == "person"]
    asked = [(one.entry_id, respell(one.names[0], rng)) for one in persons]

    hits = {(hit.place, hit.entry.entry_id) for hit in un().find([Asked(name) for _, name in asked])}

    missed = [name for place, (number, name) in enumerate(asked) if (place, number) not in hits]
    assert len(missed) <= 0.03 * len(asked), missed


@needs(SCREENING)
def test_another_script_or_order_gives_the_same_hit() -> None:
    rng = random.Random(7)
    persons = [one for one in un().entries if one.kind_code == "person" and one.names[0].isascii()]
    plain = [
        one
        for one in persons
        if len(one.names[0].split()) == 3 and not set("qwxyjcf'-") & set(one.names[0].lower())
    ]
    changed = []
    for one in plain:
        words = one.names[0].lower().replace("abdul ", "abdul").split()
        rng.shuffle(words)
        changed.append((one.entry_id, " ".join(words)))
        changed.append((one.entry_id, "".join(CYRILLIC.get(sign, sign) for sign in one.names[0].lower())))
        changed.append((one.entry_id, "".join(LOOK_ALIKE.get(sign, sign) for sign in one.names[0].lower())))

    hits = {(hit.place, hit.entry.entry_id) for hit in un().find([Asked(name) for _, name in changed])}

    assert len(plain) > 20
    assert [name for place, (number, name) in enumerate(changed) if (place, number) not in hits] == []


@needs(SCREENING)
def test_the_quality_that_was_asked_for_is_reached() -> None:
    with (SCREENING / "un_positives.csv").open(encoding="utf-8") as lines:
        respelt = list(csv.DictReader(lines))
    with (SCREENING / "synthetic_negatives.csv").open(encoding="utf-8") as lines:
        innocent = [Asked(row["query_name"]) for row in csv.DictReader(lines)]
    numbers = {name: one.entry_id for one in un().entries for name in one.names}

    hits = {
        (hit.place, hit.entry.entry_id) for hit in un().find([Asked(row["query_name"]) for row in respelt])
    }
    false = {hit.place for hit in un().find(innocent)}

    right = sum((place, numbers.get(row["listed_name"])) in hits for place, row in enumerate(respelt))
    assert right >= 0.97 * len(respelt)
    assert len(false) <= 0.01 * len(innocent)


def test_who_was_asked_for_before_is_told_the_same_at_the_new_place() -> None:
    screener = build_screener(
        [
            entry("Zoltan Ferenc Quillbrand", number="E-1", country_codes=("HU",)),
            entry("Nordhaven Shipping", number="E-4", kind="organisation"),
        ]
    )
    someone, listed = Asked("Maria Lopez"), Asked("Quillbrand, Zoltan", country_code="HU")
    firm = Asked("Nordhaven Shipping Ltd", "organisation")

    first = screener.find_again([someone, listed])
    again = screener.find_again([listed, firm, someone, listed])

    assert first == screener.find([someone, listed])
    assert again == screener.find([listed, firm, someone, listed])
    assert [hit.place for hit in again] == [0, 1, 3]
    for _ in range(2):
        assert screener.near_names([someone.name, listed.name]) == {listed.name}


def test_a_listed_name_is_found_again_though_another_batch_forgets_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screener = build_screener([entry("Zoltan Ferenc Quillbrand"), entry("Maria Quill Lopez", number="E-2")])
    find_words, find = NameIndex._match_words, Screener.find
    assert screener.near_names(["Quillbrand, Zoltan"])

    def forget_words(index: NameIndex, *words: Any) -> Any:
        index.known.clear()
        return find_words(index, *words)

    def forget_names(self: Screener, *asked: Any) -> Any:
        self.is_near.clear()
        return find(self, *asked)

    monkeypatch.setattr(NameIndex, "_match_words", forget_words)
    monkeypatch.setattr(Screener, "find", forget_names)

    asked = ["Quillbrand, Zoltan", "Lopez Maria Quill", "Zoltan Unheardof"]
    assert screener.near_names(asked) == {*asked[:2]}
