"""What CONTRL says of findings: codes of list 0085 for codes that there are."""

from pathlib import Path

import msgspec

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
FACTS = Path(__file__).parents[3] / "src" / "serai" / "formats" / "edifact" / "contrl.yaml"


def test_every_code_that_is_said_in_contrl_is_one_that_can_be_found() -> None:
    errors = msgspec.yaml.decode(FACTS.read_bytes())["errors"]

    pages = {page.stem for folder in ("findings", "errors") for page in (REFERENCE / folder).glob("*.md")}
    assert errors.keys() - pages == set()
    assert all(one.isdigit() and len(one) == 2 for one in errors.values())
