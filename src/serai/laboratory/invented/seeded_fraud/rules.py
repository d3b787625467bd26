"""The rules beside the seeded fraud, as one pack over every law: frozen before any model was trained."""

from importlib.resources import files
from typing import Final

RULES_CODE: Final = "SEEDED-FRAUD-RULES"
RULE_IDS: Final = ("seeded-price-far-too-low", "seeded-just-below-limit", "seeded-origin-elsewhere")
"""In the order in which an officer trusts them."""


def rule_files() -> dict[str, bytes]:
    """Give the pack as files of `laws/`, to be loaded beside them."""
    content = files("serai.laboratory.invented.seeded_fraud").joinpath("rules.yaml").read_bytes()
    return {f"{RULES_CODE}/pack.yaml": content}
