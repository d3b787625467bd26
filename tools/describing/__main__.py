"""`python -m tools.describing train|report|try FOLDER`: write the weights, or the page that measures them, or
say how well the training part does on thirds of itself."""

import argparse
import sys
from pathlib import Path

from serai.journey.descriptions.weights import write_weights
from serai.law.vague_words import VAGUE_WORDS, VagueWords, read_vague_words

from tools.describing.evaluation import choose_settings, settle, try_third
from tools.describing.references import read_references
from tools.describing.report import build_page
from tools.describing.training import train

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "src" / "serai" / "journey" / "descriptions" / "weights.bin"
PAGE = ROOT / "docs" / "reference" / "descriptions.md"
VERSION = "2026-11-29"


def main() -> None:
    """Do what is asked."""
    parser = argparse.ArgumentParser(prog="python -m tools.describing")
    parser.add_argument("act", choices=("train", "report", "try"))
    parser.add_argument("reference", type=Path, help="the folder of reference data")
    asked = parser.parse_args()
    if asked.act == "train":
        content = train_all(asked.reference)
        WEIGHTS.write_bytes(content)
        sys.stdout.write(f"{WEIGHTS}: {len(content):,} bytes\n")
    elif asked.act == "try":
        references = read_references(asked.reference)
        for third in range(3):
            sys.stdout.write(f"{try_third(references, third)}\n")
            sys.stdout.flush()
    else:
        PAGE.write_text(build_page(asked.reference, read_shipped_words()), encoding="utf-8")


def train_all(reference: Path) -> bytes:
    """Choose settings on texts kept apart, then train on everything; return the file."""
    references = read_references(reference)
    settings = choose_settings(references, read_shipped_words())
    return write_weights(settle(train(references.examples, references.vague, VERSION), settings))


def read_shipped_words() -> VagueWords:
    """Read the list of vague words."""
    return read_vague_words((ROOT / "laws" / VAGUE_WORDS).read_bytes())


if __name__ == "__main__":
    main()
