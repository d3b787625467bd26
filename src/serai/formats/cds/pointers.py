"""A place in a declaration, as an XPath -> the pointers by which notifications name it."""

import re
from typing import Final

from serai.formats.cds.facts import schemas
from serai.formats.wco_dec_pointers import SECTIONS
from serai.formats.wco_res import PointerStep

_NUMBER_OF: Final = {name: number for number, name in SECTIONS.items()}
_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")
_ENVELOPES: Final = ("/submitDeclarationRequest/requestDetail", "/MetaData")


def pointers_to(xpath: str) -> list[PointerStep]:
    """Return the steps from the declaration down, as far as they have numbers in the data model.

    xpath: of local names, with or without the envelope; any other text gives the declaration itself.
    """
    for envelope in _ENVELOPES:
        xpath = xpath.removeprefix(envelope)
    schema = schemas()["declaration"]
    record, steps = schema.root, [PointerStep(_NUMBER_OF[schema.root])]
    names = xpath.strip("/").split("/")
    for text in names[1:] if names[0] == schema.root else ():
        match = _STEP.fullmatch(text)
        step = schema.records[record].get(match[1]) if match else None
        if match is None or step is None:
            break
        if step.leaf is not None:
            steps[-1] = PointerStep(
                steps[-1].section_code, steps[-1].sequence_number, step.leaf.wco_number or None
            )
            break
        if match[1] not in _NUMBER_OF or step.group is None:
            break
        number = int(match[2]) if match[2] else (1 if step.most > 1 else None)
        steps.append(PointerStep(_NUMBER_OF[match[1]], number))
        record = step.group[1]
    return steps
