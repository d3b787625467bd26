"""A format is found by the name of a file and told by its content type; each code has its sentence."""

import re
from pathlib import Path

import yaml

from serai.formats.registry import FORMATS, find_by_file_name

ROOT = Path(__file__).parents[2]
FORMATS_FOLDER = ROOT / "src/serai/formats"
MESSAGES = ROOT / "src/serai/journey/validation/messages/en.yaml"


def test_examples_are_found_by_their_names() -> None:
    names = {path.name for path in (ROOT / "examples/messages").iterdir()}

    assert len(names) == 9
    assert all(find_by_file_name(name, "declaration") for name in names)


def test_no_content_type_means_two_formats() -> None:
    content_types = [content_type for form in FORMATS.values() for content_type in form.media_types]

    assert len(content_types) == len(set(content_types))


def test_every_code_of_formats_has_its_sentence_and_its_line_in_the_reference() -> None:
    catalogue = yaml.safe_load(MESSAGES.read_text(encoding="utf-8"))
    page = (ROOT / "docs/reference/messages.md").read_text(encoding="utf-8")
    # Files of a tariff are law: their faults stand with those of packs.
    files = [path for path in FORMATS_FOLDER.rglob("*.py") if "tariff_files" not in path.parts]
    sources = [path.read_text(encoding="utf-8") for path in files]
    word = "([a-z0-9]+(?:-[a-z0-9]+)+)"
    direct = re.compile(rf'(?:Finding\(|_faults\.append\(\(|: \()"{word}"')
    codes = {code for source in sources for code in direct.findall(source)}
    for source in sources:
        for line in re.findall(r"^ +code = (.*)$", source, re.MULTILINE):
            codes |= set(re.findall(f'"{word}"', line))

    assert len(codes) >= 28
    assert codes <= set(catalogue)
    assert all(entry["sentence"] and entry["remedy"] for entry in catalogue.values())
    assert [code for code in codes if f"`{code}`" not in page] == []
