"""The shipped law in memory, with and without the invented rates of exchange of the examples."""

from functools import cache
from pathlib import Path

from serai.journey.assessment.store import LAW_FILE, Component, make_component
from serai.journey.law_in_force.state import LawState, build_state
from tests.law.packs import shipped_files

ROOT = Path(__file__).parents[2]
RATES = ROOT / "examples" / "lists" / "invented-exchange-rates.csv"


@cache
def law_with_rates() -> LawState:
    return build_state(1, [*_files(), make_component("exchange-rates", "invented.csv", RATES.read_bytes())])


@cache
def law_without_rates() -> LawState:
    return build_state(2, _files())


def _files() -> list[Component]:
    return [make_component(LAW_FILE, name, content) for name, content in shipped_files().items()]
