"""`python -m tools.campaign ACT`: try readers, growth, one number, bad input, endpoints, wrong parties,
audiences, reads of what was hit; keep figures, write the page.
"""

import argparse
import sys
from pathlib import Path

from tools.campaign import report
from tools.campaign.audiences.cast import on_a_node
from tools.campaign.audiences.reading import try_audiences
from tools.campaign.bad_input import try_bad_input
from tools.campaign.endpoints import try_endpoints
from tools.campaign.growing_bodies import bodies_of
from tools.campaign.growth import measure_growth
from tools.campaign.one_number import (
    RATIO_MAX,
    RATIO_OF_COUNTS,
    SHORT_COUNT,
    processor_s,
    ratio_of,
    send_through,
    ways,
)
from tools.campaign.readers import readers
from tools.campaign.risk_reads.hits import make_hits
from tools.campaign.risk_reads.reading import read_hits
from tools.campaign.server import served
from tools.campaign.trial import make_input, try_reader
from tools.campaign.wrong_parties.place import two_administrations
from tools.campaign.wrong_parties.run import Wanted, try_wrong_parties


def main() -> None:
    """Do what is asked. Exit code 1 where something was found that must not be."""
    parser = argparse.ArgumentParser(prog="python -m tools.campaign")
    parser.add_argument(
        "act",
        choices=(
            "readers",
            "growth",
            "one-number",
            "bad-input",
            "endpoints",
            "wrong-parties",
            "audiences",
            "risk-reads",
            "write",
            "again",
        ),
    )
    parser.add_argument("--count", type=int, default=400, help="inputs for each reader or operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a reader's or an operation's name")
    parser.add_argument("--number", type=int, default=0, help="again: of the input")
    parser.add_argument("--figures", type=Path, default=report.FIGURES, help="file that keeps the figures")
    parser.add_argument("--reads", type=int, default=100_000, help="reads of a campaign that reads")
    parser.add_argument("--writes", type=int, default=10_000, help="wrong-parties: requests that write")
    parser.add_argument("--pairs", type=int, default=2_000, help="wrong-parties: pairs timed on each route")
    parser.add_argument("--cases", type=int, default=300, help="audiences: cases to read")
    asked = parser.parse_args()
    match asked.act:
        case "readers":
            faults_count = _try_readers(asked)
        case "growth":
            faults_count = _try_growth(asked.only)
        case "one-number":
            faults_count = _try_one_number(asked.only)
        case "bad-input":
            faults_count = report.keep_bad_input(asked.figures, try_bad_input())
        case "endpoints":
            faults_count = report.keep_endpoints(
                asked.figures, try_endpoints(asked.count, asked.seed, asked.only)
            )
        case "wrong-parties":
            faults_count = _try_wrong_parties(asked)
        case "audiences":
            faults_count = _try_audiences(asked)
        case "risk-reads":
            faults_count = _try_risk_reads(asked)
        case "again":
            sys.stdout.buffer.write(make_input(readers()[asked.only], asked.number, asked.seed))
            faults_count = 0
        case _:
            report.write_page(asked.figures)
            faults_count = 0
    sys.exit(1 if faults_count else 0)


def _try_readers(asked: argparse.Namespace) -> int:
    """Try each reader that has no figures of so many inputs of this seed yet: what was broken off goes on."""
    faults_count = 0
    for name, reader in readers().items():
        if asked.only in name:
            outcome = report.kept_reader(asked.figures, asked.seed, name, asked.count)
            if outcome is None:
                outcome = try_reader(reader, asked.count, asked.seed)
                report.keep_reader(asked.figures, asked.seed, outcome)
            faults_count += outcome.faults_count
            sys.stdout.write(f"{report.line_of(outcome)}\n")
            sys.stdout.flush()
    return faults_count


def _try_growth(only: str) -> int:
    """Double the bodies of each reader, and say of which work grows faster than they do."""
    faults_count = 0
    for name, reader in readers().items():
        for body_name, body in bodies_of(reader.shape, reader.samples()) if only in name else ():
            growth = measure_growth(reader.reads_quietly, body)
            faults_count += not growth.is_straight
            ratios = f"time x{growth.time_ratio:.0f}, memory x{growth.memory_ratio:.0f}"
            mark = "" if growth.is_straight else "  TOO FAST"
            sys.stdout.write(f"{name}, {body_name}: {ratios}{mark}\n")
            sys.stdout.flush()
    return faults_count


def _try_one_number(only: str) -> int:
    """Put ever more documents on one number; say where the work of the server grows faster than they."""
    faults_count = 0
    with served() as server:
        send = send_through(server.url, server.keys["everything"])

        def spent_s() -> float:
            return processor_s(server.process_ids())

        for place, way in enumerate(ways()):
            if only in way.name:
                ratio = ratio_of(way, send, spent_s, f"ONE-{place}", SHORT_COUNT)
                faults_count += ratio > RATIO_MAX
                mark = "" if ratio <= RATIO_MAX else "  TOO FAST"
                sys.stdout.write(f"{way.name}: {RATIO_OF_COUNTS} times as many, work x{ratio:.0f}{mark}\n")
                sys.stdout.flush()
    return faults_count


def _try_wrong_parties(asked: argparse.Namespace) -> int:
    """Go on where a run of this seed stopped; keep what comes of it as it comes."""
    outcome = report.kept_wrong_parties(asked.figures, asked.seed)
    with two_administrations() as place:
        try_wrong_parties(
            place,
            outcome,
            lambda found: report.keep_wrong_parties(asked.figures, found),
            Wanted(asked.seed, asked.reads, asked.writes, asked.pairs),
        )
    return outcome.faults_count


def _try_audiences(asked: argparse.Namespace) -> int:
    """Go on where a run of this seed stopped; the same cases are told again first."""
    outcome = report.kept_audiences(asked.figures, asked.seed)
    with on_a_node() as cast:
        try_audiences(
            cast,
            outcome,
            lambda found: report.keep_audiences(asked.figures, found),
            cases_count=asked.cases,
            reads_count=asked.reads,
            seed=asked.seed,
        )
    return outcome.leaks_count


def _try_risk_reads(asked: argparse.Namespace) -> int:
    """Go on where a run of this seed stopped; the same cases are lodged again first."""
    outcome = report.kept_risk_reads(asked.figures, asked.seed)
    with on_a_node() as cast:
        read_hits(
            cast,
            make_hits(cast),
            outcome,
            lambda found: report.keep_risk_reads(asked.figures, found),
            reads_count=asked.reads,
        )
    return outcome.leaks_count


if __name__ == "__main__":
    main()
