"""Names against lists: how right and how fast, in one run.

Right: the labelled sets of ../shared/reference/screening. Fast: names of ordinary people and firms, and names
made of the words of listed ones (the hardest), against lists of several sizes up to 50,000 entries: those of
the UN and of OFAC, and invented ones made of the same words. Two processes, since there are two cores; time is
of the clock, and beside it processor time, which a shared machine falsifies less.

    uv run python benchmarks/names.py [--quick | --short]

writes docs/reference/name-screening.json and name-screening.md.
"""

# ruff: noqa: E501, the lines of a page

import csv
import json
import multiprocessing
import os
import platform
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from serai.journey.screening.evidence import PPM, Asked
from serai.journey.screening.list_entry import EntryKind, ListEntry
from serai.journey.screening.list_formats.ofac_csv import decode_ofac_csv, join_ofac_files
from serai.journey.screening.list_formats.un_xml import decode_un_list
from serai.journey.screening.screener import HIT_PPM_MIN, Screener, build_screener
from serai.model.names.similarity.comparison import similarity_of
from serai.model.names.similarity.prepared import prepare_name

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs" / "reference"
SETS: Final = ROOT.parent / "shared" / "reference" / "screening"
SIZES: Final = (1_000, 5_000, 10_000, 25_000, 50_000)
ASKED_COUNT: Final = 40_000
CHUNK: Final = 5_000
FOLDS: Final = 5
KINDS: Final = {
    "Person": "person",
    "Company": "organisation",
    "Organization": "organisation",
    "Vessel": "vessel",
}
GOODS: Final = (
    "trading",
    "logistics",
    "store",
    "electronics",
    "fashion",
    "toys",
    "import",
    "design",
    "garden",
)
FORMS: Final = ("ltd", "gmbh", "llc", "inc", "srl", "co., ltd", "s.a.", "sp. z o.o.", "ooo", "")


class Words(NamedTuple):
    """Parts that names are invented of."""

    given: list[str]
    family: list[str]
    ordinary_given: list[str]
    ordinary_family: list[str]
    in_other_scripts: list[str]
    of_firms: list[str]


def main() -> None:
    """Measure and write figures and page."""
    is_quick, is_short = "--quick" in sys.argv, "--short" in sys.argv
    listed = decode_un_list((SETS / "UN_consolidated.xml").read_bytes()) + _ofac()
    words = words_of(listed)
    figures = {
        "machine": f"{platform.processor() or platform.machine()}, Python {platform.python_version()}",
        "commit": _commit(),
        "load": round(os.getloadavg()[0], 1),
        "threshold_ppm": HIT_PPM_MIN,
        "quality": quality(),
        "speed": [
            speed(listed, words, size, 5_000 if is_quick or is_short else ASKED_COUNT)
            for size in (SIZES[:2] if is_quick else SIZES)
        ],
    }
    if not is_quick:
        (DOCS / "name-screening.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
        (DOCS / "name-screening.md").write_text(page_of(figures))
    print(json.dumps(figures, indent=1, ensure_ascii=False))


# ---- how right ----


def quality() -> dict[str, Any]:
    """Return recall, F1 and false hits on the labelled sets; sets are halves, the others are not here."""
    screener = build_screener(decode_un_list((SETS / "UN_consolidated.xml").read_bytes()))
    respelt = _rows("un_positives.csv")
    entries = {name: one.entry_id for one in screener.entries for name in (*one.weak_names, *one.names)}
    truths = [entries.get(row["listed_name"]) for row in respelt]
    found = {
        (hit.place, hit.entry.entry_id)
        for hit in screener.find([Asked(row["query_name"]) for row in respelt])
    }
    listed_only = [place for place, truth in enumerate(truths) if truth]
    innocent = _rows("synthetic_negatives.csv")
    false_hits = {hit.place for hit in screener.find([Asked(row["query_name"]) for row in innocent])}
    pairs = _rows("name_bench.csv")
    scores = np.array(
        [_similarity(row["name1"], row["name2"], KINDS.get(row["schema"], "")) for row in pairs]
    )
    truth = np.array([row["is_match"] == "true" for row in pairs])
    scripts = [
        line for line in _lines("cross_script_pairs.csv") if len(line) > 2 and not line[0].startswith("#")
    ][1:]
    crossed = [_similarity(line[0], line[1], "person") for line in scripts]
    return {
        "respelt_count": len(respelt),
        "not_on_the_list_count": len(respelt) - len(listed_only),
        "recall": round(
            sum((place, truths[place]) in found for place in range(len(respelt))) / len(respelt), 4
        ),
        "innocent_count": len(innocent),
        "false_hit_share": round(len(false_hits) / len(innocent), 4),
        "pairs_count": len(pairs),
        "pairs": _measures(scores, truth, HIT_PPM_MIN / PPM),
        "pairs_cross_validated_f1": _cross_validated(scores, truth, pairs),
        "scripts_count": len(crossed),
        "scripts_found": sum(one >= HIT_PPM_MIN / PPM for one in crossed),
        "scripts_missed": [
            f"{line[0]} / {line[1]}"
            for line, one in zip(scripts, crossed, strict=True)
            if one < HIT_PPM_MIN / PPM
        ],
    }


def _similarity(one: str, other: str, kind: str) -> float:
    return similarity_of(prepare_name(one, kind), prepare_name(other, kind))


def _measures(scores: Any, truth: Any, least: float) -> dict[str, float]:
    is_hit = scores >= least
    right, wrong, missed = (int(one.sum()) for one in (is_hit & truth, is_hit & ~truth, ~is_hit & truth))
    return {
        "precision": round(right / (right + wrong), 3),
        "recall": round(right / (right + missed), 3),
        "f1": round(2 * right / (2 * right + wrong + missed), 3),
    }


def _cross_validated(scores: Any, truth: Any, pairs: list[dict[str, str]]) -> float:
    """Choose the threshold on four fifths and measure on the fifth; pairs of one listed name stay together."""
    names = sorted({row["name2"] for row in pairs})
    random.Random(15).shuffle(names)
    fold_of = {name: place % FOLDS for place, name in enumerate(names)}
    folds = np.array([fold_of[row["name2"]] for row in pairs])
    right = wrong = missed = 0
    for fold in range(FOLDS):
        rest, held = folds != fold, folds == fold
        least = max(
            np.arange(0.7, 0.95, 0.01), key=lambda one: _measures(scores[rest], truth[rest], one)["f1"]
        )
        is_hit = scores[held] >= least
        right += int((is_hit & truth[held]).sum())
        wrong += int((is_hit & ~truth[held]).sum())
        missed += int((~is_hit & truth[held]).sum())
    return round(2 * right / (2 * right + wrong + missed), 3)


# ---- how fast ----


def speed(listed: list[ListEntry], words: Words, size: int, count: int) -> dict[str, Any]:
    """Return names a second against a list of a size, on two processes, and microseconds of one processor."""
    rng = random.Random(size)
    entries = rng.sample(listed, min(size, len(listed)))
    entries += [_invented(place, words, rng) for place in range(size - len(entries))]
    began = time.process_time()
    screener = build_screener(entries)
    built_s = time.process_time() - began
    figures: dict[str, Any] = {"entries": size, "names": len(screener.texts), "build_s": round(built_s, 2)}
    for kind, invent in (("ordinary", ordinary), ("of_listed_words", hard)):
        asked = [Asked(*invent(words, rng)) for _ in range(count)]
        screener.find(asked[:CHUNK])
        seconds, processor_s, hit_count = _run(screener, asked)
        figures[kind] = {
            "names_per_s": round(count / seconds),
            "processor_us": round(processor_s / count * 1e6, 1),
            "hit_share": round(hit_count / count, 4),
        }
    return figures


def _run(screener: Screener, asked: list[Asked]) -> tuple[float, float, int]:
    """Look names up in two processes that share the index; return seconds by the clock, of processors, and
    how many are hits."""
    global _SCREENER, _ASKED
    _SCREENER, _ASKED = screener, asked
    began = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        parts = pool.map(_look_up, range(0, len(asked), CHUNK), chunksize=1)
    return time.perf_counter() - began, sum(one for one, _ in parts), sum(one for _, one in parts)


_SCREENER: Screener
_ASKED: list[Asked]


def _look_up(begin: int) -> tuple[float, int]:
    began = time.process_time()
    hits = {hit.place for hit in _SCREENER.find(_ASKED[begin : begin + CHUNK])}
    return time.process_time() - began, len(hits)


def words_of(listed: list[ListEntry]) -> Words:
    """Return parts of names: of the listed, and of people who are not."""
    words = Words([], [], [], [], [], [])
    for row in _rows("synthetic_negatives.csv"):
        name = row["query_name"]
        parts = name.split()
        if ord(name[0]) > 0x250:
            words.in_other_scripts.append(name)
        elif len(parts) > 1:
            words.ordinary_given.extend(parts[:-1])
            words.ordinary_family.append(parts[-1])
    for entry in listed:
        for name in entry.names:
            parts = name.replace(",", " ").split()
            if entry.kind_code != "person":
                words.of_firms.extend(parts)
            elif len(parts) > 1 and ord(name[0]) < 0x250:
                words.given.append(parts[-1])
                words.family.append(parts[0])
    return words


def ordinary(words: Words, rng: random.Random) -> tuple[str, str]:
    """Invent somebody as parcels name them, with the kind; it is not known of firms."""
    if rng.random() > 0.85:
        return " ".join((rng.choice(words.ordinary_family), rng.choice(GOODS), rng.choice(FORMS))), ""
    if rng.random() < 0.05:
        return rng.choice(words.in_other_scripts), "person"
    middle = [rng.choice(words.ordinary_given)] if rng.random() < 0.3 else []
    return " ".join([rng.choice(words.ordinary_given), *middle, rng.choice(words.ordinary_family)]), "person"


def hard(words: Words, rng: random.Random) -> tuple[str, str]:
    """Invent a name of words that stand on lists."""
    if rng.random() > 0.8:
        return " ".join(rng.choice(words.of_firms) for _ in range(rng.randint(2, 4))), ""
    middle = [rng.choice(words.given)] if rng.random() < 0.4 else []
    return " ".join([rng.choice(words.given), *middle, rng.choice(words.family)]), "person"


def _invented(place: int, words: Words, rng: random.Random) -> ListEntry:
    kind: EntryKind = "person" if rng.random() < 0.7 else "organisation"
    names = []
    for _ in range(rng.randint(1, 2)):
        name = (
            hard(words, rng)[0]
            if kind == "person"
            else " ".join(rng.choice(words.of_firms) for _ in range(3))
        )
        names.append(name)
    return ListEntry(list_code="INVENTED", entry_id=str(place), kind_code=kind, names=tuple(names))


# ---- files and page ----


def _ofac() -> list[ListEntry]:
    import gzip  # noqa: PLC0415, only the reference files are packed so

    # The example of addresses is cut in the middle of a row; nothing is asked of it here.
    files = {
        f"{kind}.csv": gzip.decompress((SETS / "ofac" / f"{kind}.csv.gz").read_bytes())
        for kind in ("sdn", "alt")
    }
    return decode_ofac_csv(join_ofac_files(files))


def _rows(name: str) -> list[dict[str, str]]:
    with (SETS / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _lines(name: str) -> list[list[str]]:
    with (SETS / name).open(encoding="utf-8") as lines:
        return list(csv.reader(lines))


def _commit() -> str:
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.strip()


def page_of(figures: dict[str, Any]) -> str:
    """Return the page of figures."""
    quality_, curve = figures["quality"], figures["speed"]
    table = "\n".join(
        f"| {one['entries']:,} | {one['names']:,} | {one['build_s']} | {one['ordinary']['names_per_s']:,} |"
        f" {one['ordinary']['processor_us']} | {one['of_listed_words']['names_per_s']:,} |"
        f" {one['of_listed_words']['processor_us']} |"
        for one in curve
    )
    return TEXT.format(
        **{
            **figures,
            "table": table,
            "missed": "; ".join(quality_["scripts_missed"]),
            "score": figures["threshold_ppm"] / PPM,
        },
        **{f"q_{key}": value for key, value in quality_.items() if key != "pairs"},
        **{f"p_{key}": value for key, value in quality_["pairs"].items()},
    )


TEXT: Final = """# Names against lists

Written by benchmarks/names.py from one run on {machine}, commit {commit}. What a hit is and how a name is
looked up: [screening of names](../explanation/names-on-lists.md).

## How right

A name is a hit from a score of {score} on. The sets are the public halves in `../shared/reference/screening`;
the other halves were not at hand when the rules were written.

| set | measure | result |
|---|---|---|
| {q_respelt_count} names of persons on the UN's list, as listed and lightly misspelt | the entry is found | {q_recall} |
| {q_innocent_count} invented people on no list, against the UN's list | hits that should not be | {q_false_hit_share} |
| {q_pairs_count} labelled pairs of names (persons, firms, vessels) | precision, recall | {p_precision}, {p_recall} |
| | F1 | **{p_f1}** |
| | F1, the threshold chosen on four fifths and tried on the fifth | {q_pairs_cross_validated_f1} |
| {q_scripts_count} names in two scripts | found | {q_scripts_found} |

{q_not_on_the_list_count} of the persons of the first set are not on this copy of the UN's list, and count as
missed. Names in two scripts that are not found: {missed}. Signs that Chinese, Japanese and Korean read in three
ways are read as Chinese here.

## How fast

Two processes that share one index; names a second by the clock, microseconds of one processor for each name.
*Ordinary*: invented people and firms of many countries. *Of listed words*: names put together from the words of
listed ones, so that nearly each is like somebody. Entries beyond those of the UN and of OFAC are invented of the
same words.

The goal is 20,000 names a second on two processors. The load of the machine before the run was {load}: beside
other programs, figures by the clock say little and those of processor time are too high.

| entries | names | s to build | ordinary, a second | µs | of listed words, a second | µs |
|---|---|---|---|---|---|---|
{table}
"""

if __name__ == "__main__":
    main()
