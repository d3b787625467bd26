"""The page of the format says what the code does: verdicts, and 95 % of element occurrences mapped."""

from pathlib import Path

from serai.formats.ceb.mapping import mappings
from tests.formats.ceb.messages import CEB, SAMPLES, needs_ceb
from tools.ceb_facts import main as build_facts
from tools.ceb_report import build_page, count_occurrences

ROOT = Path(__file__).parents[3]
SHARE_LEAST = 0.95


@needs_ceb
def test_page_is_what_the_tool_writes() -> None:
    """Stale: `python -m tools.ceb_report ../shared/reference/ceb > docs/reference/formats/ceb.md`."""
    assert (ROOT / "docs/reference/formats/ceb.md").read_text() == build_page(CEB)


@needs_ceb
def test_elements_of_every_document_sample_reach_named_fields() -> None:
    for sample in SAMPLES:
        if sample.stem in mappings():
            counts = count_occurrences(sample.read_bytes())
            assert counts["mapped"] >= SHARE_LEAST * sum(counts.values())


@needs_ceb
def test_facts_are_those_of_the_schemas() -> None:
    assert (ROOT / "src/serai/formats/ceb/facts.yaml").read_text() == build_facts(CEB)
