"""The bytes of a step: a message of the folder, changed as the case says."""

import gzip
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from serai.laboratory.conform.suite import Step
from serai.model.errors import SeraiError

_NAMED = re.compile(r"\$\{([a-z_0-9]+)\}")


def fill(value: Any, known: Mapping[str, str]) -> Any:
    """Put known values where a text says ${name}, however deep it stands. An unknown name stays as it is."""
    if isinstance(value, str):
        return _NAMED.sub(lambda found: known.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {fill(name, known): fill(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [fill(one, known) for one in value]
    return value


def build_body(step: Step, messages: Path, known: Mapping[str, str]) -> bytes | None:
    """Build what a step sends; None: nothing. Raises SeraiError `suite-unreadable`."""
    text = _text(step, messages)
    if text is None:
        return None
    text = fill(text, known)
    for old, new in fill([list(pair) for pair in step.with_], known):
        if old not in text:
            message = f"{step.file or 'The text'} does not hold {old!r}."
            raise SeraiError("suite-unreadable", message, "Mend the suite.")
        text = text.replace(old, new)
    content: bytes = text.encode("utf-8", "surrogatepass")
    for way in step.coded:
        content = _code(content, way)
    return content


def _text(step: Step, messages: Path) -> str | None:
    if step.file is not None:
        return (messages / step.file).read_bytes().decode()
    if step.json is not None:
        return msgspec.json.encode(step.json).decode()
    if step.made is not None:
        made = step.made
        return f"{made.before}{made.repeat * made.times}{made.after}{made.then_repeat * made.times}"
    return step.text


def _code(content: bytes, way: str) -> bytes:
    word, _, number = way.partition(" ")
    match word:
        case "bom":
            return b"\xef\xbb\xbf" + content
        case "utf-16":
            return content.decode().encode("utf-16")
        case "latin-1":
            return content.decode().encode("latin-1")
        case "cut":
            return content[: int(number)] if int(number) > 0 else content[: len(content) + int(number)]
        case "gzip":
            return gzip.compress(content, mtime=0)
        case "zip":
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr(zipfile.ZipInfo("message"), content)
            return packed.getvalue()
        case _:
            raise SeraiError("suite-unreadable", f"There is no coding {way}.", "Mend the suite.")
