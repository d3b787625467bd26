"""Official worked examples come to the figures printed, but for those that say why not."""

from pathlib import Path

from tools.official_examples import build_page, run_examples

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "official-examples.md"


def test_each_example_has_its_address_and_differs_only_where_it_says_why() -> None:
    results = run_examples()

    assert len(results) >= 13
    for case, result in results:
        assert case["official"]["address"].startswith("http"), case["id"]
        is_argued = "differs" in case["official"]
        assert (result.result == "passed") is not is_argued, (case["id"], result.differences)


def test_the_page_is_what_the_tool_writes() -> None:
    """Stale: `python -m tools.official_examples > docs/reference/official-examples.md`."""
    assert PAGE.read_text("utf-8") == build_page(run_examples())
