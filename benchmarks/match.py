"""How right and how fast matching is: invented cases whose truth is known, against two programs that one
would write first, in one run.

| part | what runs |
|---|---|
| sizes | cases with a seed and disturbance sizes the matcher was not built with |
| exact keys | the same documents joined over equal numbers of the same field alone, at each size |
| rapidfuzz | a subset: each document put with the declaration whose text is most alike |

Measured are right and wrong pairs, named differences, time, growth and peak memory, each size in a process
of its own. A pair is two documents of one case. rapidfuzz has the limit that is best for it; it compares
everything with everything, so that a subset is all it can do. Time is processor time of one process, from
frames in memory to verdicts; inventing cases and hashing their numbers and names is not in it, and is
measured by itself on documents.

    uv run serai bench --match --quick
"""

import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from serai.foundation.keys import Secret
from serai.foundation.shipped import find_shipped
from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.journey.differences.codes import NUMBER_OF
from serai.journey.differences.verdicts import Matched, match_documents
from serai.journey.matching.document_frames import read_documents
from serai.journey.matching.joining import join_exactly
from serai.law.load import decode_pack
from serai.law.pack import Matching
from serai.model.documents import Consignment, GoodsItem, Order, OrderLine, Payment, Person, TransportDocument
from serai.model.frames import MATCH_VERDICTS

import match_cases
from match_cases import DECLARED, EXPECTED, UNSEEN_SIZES, Cases, factor, load_cases, make_cases, save_cases

ROOT = Path(__file__).resolve().parents[1]
HELD_OUT_SEED = 20_261_125


class Size(NamedTuple):
    """How much is measured."""

    case_counts: tuple[int, ...]
    fuzzy_case_count: int


QUICK = Size((10_000, 50_000), 400)
FULL = Size((10_000, 100_000, 1_000_000), 2_000)


def run(size: Size, *, render: Callable[[str], None] = print) -> dict[str, Any]:
    """Measure; returns the figures. Ends with SystemExit where matching is not as right as it must be."""
    sizes = []
    for count in size.case_counts:
        render(f"{count:,} cases, in a process of their own ...")
        sizes.append(_in_own_process(count))
    render(f"rapidfuzz, {size.fuzzy_case_count:,} cases ...")
    largest = sizes[-1]
    figures = {
        "machine": _machine(),
        "commit": _commit(),
        "seed": HELD_OUT_SEED,
        "unseen_sizes": dict(UNSEEN_SIZES._asdict()),
        "sizes": sizes,
        "reading_us_per_document": _reading_us(),
        "rapidfuzz": _fuzzy(size.fuzzy_case_count),
    }
    wrong = [
        f"{name} is {largest[name]}"
        for name, least in (("precision", 0.999), ("recall", 0.97), ("named_right", 0.95))
        if largest[name] < least
    ]
    if wrong:
        raise SystemExit(f"Matching is not as right as it must be: {', '.join(wrong)}.")
    return figures


def _in_own_process(case_count: int) -> dict[str, Any]:
    """Invent cases in one process and match them in another, so that its memory is that of matching."""
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/cases.npz"
        _start("make", str(case_count), file)
        figures: dict[str, Any] = json.loads(_start("match", file))
    return figures


def _start(*arguments: str) -> str:
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Measuring failed: {done.stderr[-2_000:]}")
    return done.stdout


def make(case_count: int, file: str) -> None:
    """Invent cases into a file."""
    save_cases(
        make_cases(case_count, seed=HELD_OUT_SEED, sizes=UNSEEN_SIZES, hash_texts=hash_texts), Path(file)
    )


def measure(cases: Cases) -> dict[str, Any]:
    """Match and judge."""
    case_count = len(cases.disturbance_of_case)
    before_mib = _peak_mib()
    began, began_wall = time.process_time(), time.perf_counter()
    matched = match_documents(cases.documents, cases.numbers, limits(), factor)
    seconds, wall = time.process_time() - began, time.perf_counter() - began_wall
    figures = {
        "cases": case_count,
        "documents": cases.documents.row_count,
        "seconds": round(seconds, 3),
        "wall_seconds": round(wall, 3),
        "cases_per_s": round(case_count / seconds),
        "us_per_case": round(seconds / case_count * 1e6, 2),
        "cases_memory_mib": before_mib,
        "peak_memory_mib": _peak_mib(),
        **_judge_pairs(cases, matched.case_of, "", is_detailed=True),
        **_judge_names(cases, matched),
        "verdicts": {
            name: int(count)
            for name, count in zip(
                MATCH_VERDICTS,
                np.bincount(matched.cases.numbers("verdict_number"), minlength=len(MATCH_VERDICTS)),
                strict=True,
            )
        },
        "possible_pairs": len(matched.possible.first),
    }
    began = time.process_time()
    label = join_exactly(cases.documents, cases.numbers)
    exact = {
        "seconds": round(time.process_time() - began, 3),
        **_judge_pairs(cases, label, "", is_detailed=True),
    }
    return figures | {"exact_keys": exact}


# ---- judging ----


def _judge_pairs(cases: Cases, case_of: Any, prefix: str, *, is_detailed: bool) -> dict[str, Any]:
    truth = cases.truth.astype(np.int64)
    together = _pair_count(_sizes(truth * (len(truth) + 1) + case_of))
    true, said = _pair_count(_sizes(truth)), _pair_count(_sizes(case_of))
    found: dict[str, Any] = {
        f"{prefix}pairs": true,
        f"{prefix}wrong_pairs": said - together,
        f"{prefix}missed_pairs": true - together,
        f"{prefix}precision": together / said if said else 1.0,
        f"{prefix}recall": together / true,
    }
    if is_detailed:
        disturbed = cases.disturbance_of_case[truth] >= 0
        own, its_truth = case_of[disturbed], truth[disturbed]
        whole = _pair_count(_sizes(its_truth))
        found["recall_of_disturbed"] = _pair_count(_sizes(its_truth * (len(truth) + 1) + own)) / max(whole, 1)
    return found


def _sizes(values: Any) -> Any:
    return np.unique(values, return_counts=True)[1].astype(np.int64)


def _pair_count(sizes: Any) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _judge_names(cases: Cases, matched: Matched) -> dict[str, Any]:
    """A case is right when its documents are together, no others with them, and exactly what was disturbed is
    named: nothing else, nothing less."""
    names = list(EXPECTED)
    bit_of = np.array([1 << NUMBER_OF[EXPECTED[name]] for name in names] + [0], dtype=np.int64)
    count = len(cases.disturbance_of_case)
    expected = bit_of[cases.disturbance_of_case] | bit_of[cases.second_of_case]
    codes = matched.differences.words("code").codes.astype(np.int64)
    said_of_case = np.zeros(matched.cases.row_count, dtype=np.int64)
    np.bitwise_or.at(said_of_case, matched.differences.numbers("case"), np.int64(1) << codes)
    pairs = np.unique(np.stack([cases.truth, matched.case_of], axis=1), axis=0)
    cases_of_truth = np.bincount(pairs[:, 0], minlength=count)
    truths_of_case = np.bincount(pairs[:, 1], minlength=matched.cases.row_count)
    said = np.zeros(count, dtype=np.int64)
    np.bitwise_or.at(said, pairs[:, 0], said_of_case[pairs[:, 1]])
    is_pure = np.ones(count, dtype=bool)
    np.logical_and.at(is_pure, pairs[:, 0], truths_of_case[pairs[:, 1]] == 1)
    is_whole = (cases_of_truth == 1) & is_pure
    is_right = is_whole & (said == expected)
    is_there = cases_of_truth > 0
    table = []
    for place, name in enumerate(names):
        rows = (cases.disturbance_of_case == place) & is_there
        total = int(rows.sum())
        if total:
            table.append(
                {
                    "disturbance": name,
                    "difference": EXPECTED[name],
                    "cases": total,
                    "together": float(is_whole[rows].mean()),
                    "named_right": float(is_right[rows].mean()),
                }
            )
    disturbed = (cases.disturbance_of_case >= 0) & is_there
    two = disturbed & (cases.second_of_case >= 0)
    plain = (cases.disturbance_of_case < 0) & is_there
    misleading = plain & cases.is_misleading
    return {
        "disturbed_cases": int(disturbed.sum()),
        "named_right": float(is_right[disturbed].mean()),
        "cases_disturbed_twice": int(two.sum()),
        "named_right_of_twice": float(is_right[two].mean()) if two.any() else 1.0,
        "plain_cases": int(plain.sum()),
        "plain_without_a_word": float(is_right[plain].mean()),
        "misleading_cases": int(misleading.sum()),
        "misleading_right": float(is_right[misleading].mean()),
        "by_disturbance": table,
    }


# ---- the other way ----


def _fuzzy(case_count: int) -> dict[str, Any]:
    """Put each document with the declaration whose text is most alike, as one would with rapidfuzz alone."""
    try:
        from rapidfuzz import fuzz, process  # noqa: PLC0415
    except ImportError:
        return {"missing": "rapidfuzz is not installed: uv sync --group bench"}
    cases = make_cases(
        case_count, seed=HELD_OUT_SEED, sizes=UNSEEN_SIZES, hash_texts=hash_texts, with_texts=True
    )
    texts = _texts(cases)
    kinds = cases.documents.numbers("kind_number")
    declared = np.flatnonzero(kinds == DECLARED)
    others = np.flatnonzero(kinds != DECLARED)
    began = time.process_time()
    scores = process.cdist(
        [texts[row] for row in others],
        [texts[row] for row in declared],
        scorer=fuzz.token_set_ratio,
        workers=1,
    )
    best, best_score = scores.argmax(axis=1), scores.max(axis=1)
    seconds = time.process_time() - began
    found = []
    for limit in range(40, 100, 5):
        label = np.arange(len(kinds))
        is_joined = best_score >= limit
        label[others[is_joined]] = declared[best[is_joined]]
        found.append({"limit": limit, **_judge_pairs(cases, label, "", is_detailed=True)})
    chosen = max(found, key=lambda one: one["precision"] * one["recall"])
    own = match_documents(cases.documents, cases.numbers, limits(), factor)
    return {
        "cases": case_count,
        "seconds": round(seconds, 3),
        "us_per_case": round(seconds / case_count * 1e6, 1),
        "hours_for_a_million": round(seconds * (1_000_000 / case_count) ** 2 / 3_600),
        "best": chosen,
        "serai_on_the_same": _judge_pairs(cases, own.case_of, "", is_detailed=True),
    }


def _texts(cases: Cases) -> list[str]:
    """Return each document in words: name, numbers, amount, day, as its sender writes them."""
    frame = cases.documents
    amounts = np.where(
        frame.numbers("paid_minor") > 0, frame.numbers("paid_minor"), frame.numbers("goods_minor")
    )
    days = frame.numbers("happened_at") // match_cases.DAY_MS
    return [
        f"{name.lower()} {numbers.lower()} {amount if amount > 0 else ''} {day if day > 0 else ''}"
        for name, numbers, amount, day in zip(
            cases.texts["name"], cases.texts["numbers"], amounts.tolist(), days.tolist(), strict=True
        )
    ]


# ---- reading ----


def _reading_us() -> float:
    """Processor time to bring one document into columns: amounts read, names and numbers taken apart and
    hashed."""
    buyer = Person(name="Zoë Müller", country_code="DE", phone="+49 30 1234567")
    documents: list[Any] = []
    for at in range(1_000):
        order, house = f"EC-2026-{at:09d}", f"LP{at:08d}5CN"
        items = [GoodsItem(1, "610910", "cotton shirt", "2", "25.00", "EUR", "CN", "0.4")]
        documents += [
            Consignment(
                reference=order,
                goods_items=items,
                consignor=buyer,
                consignee=buyer,
                logistics_channel_code="post",
                house_document=house,
                order_references=[order],
            ),
            Order(
                order,
                "EUR",
                [OrderLine(1, "cotton shirt", "2", "25.00")],
                "2026-11-01T10:00:00Z",
                buyer=buyer,
            ),
            Payment(f"P{at:016d}", "25.00", "EUR", "2026-11-01T10:01:00Z", [order], payer=buyer),
            TransportDocument(house, house, "post", consignee=buyer, gross_mass_kg="0.41"),
        ]
    began = time.process_time()
    read_documents(documents, [0] * len(documents))
    return round((time.process_time() - began) / len(documents) * 1e6, 1)


# ---- what is needed ----


def limits() -> list[Matching]:
    """The limits that lie over every law, as shipped."""
    path = find_shipped("laws") / "SCREENING" / "pack.yaml"
    return decode_pack(path.read_bytes(), str(path)).matching


_PSEUDONYMISER = Pseudonymiser({Purpose.MATCH: Secret("bench", 1, bytes(range(32)))}, administration_id=1)


def hash_texts(texts: Any) -> Any:
    """Keyed hashes, as the store keeps them, under a key of the bench."""
    return _PSEUDONYMISER.numbers(Purpose.MATCH, texts)


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{model or platform.machine()}, Python {platform.python_version()}"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "not from a checkout of git"


if __name__ == "__main__":
    # Parts of `serai bench --match`, each a process of its own.
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), sys.argv[3])
    else:
        print(json.dumps(measure(load_cases(Path(sys.argv[2])))))
