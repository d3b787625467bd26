"""The learned weights of descriptions: numbers of hashed features, in one small file of the package.

Trained by `python -m tools.describing` from public texts; no text is in it and none can be read out of it.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import zstandard

from serai.journey.descriptions.features import FEATURES_COUNT, Features
from serai.model.columns import Int64s
from serai.model.errors import SeraiError

Floats = npt.NDArray[np.float32]
_FILE_VERSION = 2
_PLACES = 9
"""Decimals that are kept of a single number: its last bits depend on the processor that summed it up."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What descriptions taught.

    version: of the weights, for those who record what they were told. headings, subheadings: codes of four
    and six digits, ascending. parents: heading of each subheading. rarity: of each feature, 0 where it says
    nothing. starts: of each feature's entries. columns: of each entry, a heading, or after them a subheading.
    values: of each entry. temperature: that makes scores honest. vague_values: of each feature. vague_doubt:
    of a text that does not tell its heading. vague_bias, vague_threshold: a text is likely vague when its
    score reaches the threshold.
    """

    version: str
    headings: tuple[str, ...]
    subheadings: tuple[str, ...]
    parents: Int64s
    rarity: Floats
    starts: Int64s
    columns: npt.NDArray[np.uint16]
    values: Floats
    temperature: float
    vague_values: Floats
    vague_doubt: float
    vague_bias: float
    vague_threshold: float


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file: arrays as little-endian bytes, weights as small whole numbers of a step."""

    file_version: int
    version: str
    headings: tuple[str, ...]
    subheadings: tuple[str, ...]
    rarity: bytes
    rarity_step: float
    counts: bytes
    columns: bytes
    values: bytes
    value_step: float
    temperature: float
    vague_values: bytes
    vague_step: float
    vague_doubt: float
    vague_bias: float
    vague_threshold: float


@cache
def shipped_weights() -> Weights:
    """Return the weights that came with the package."""
    return read_weights((files("serai.journey.descriptions") / "weights.bin").read_bytes())


def read_weights(content: bytes) -> Weights:
    """Read a file of weights. Raises SeraiError `description-weights`."""
    try:
        # The size is in the frame: a file that claims more is not ours.
        raw = zstandard.ZstdDecompressor().decompress(content, max_output_size=100_000_000)
        file = msgspec.msgpack.decode(raw, type=_File)
    except (zstandard.ZstdError, msgspec.DecodeError) as fault:
        raise _unfit(str(fault)) from fault
    counts = np.frombuffer(file.counts, dtype="<u2").astype(np.int64)
    if file.file_version != _FILE_VERSION or len(counts) != FEATURES_COUNT:
        raise _unfit(f"it is of version {file.file_version}")
    headings = {code: number for number, code in enumerate(file.headings)}
    return Weights(
        version=file.version,
        headings=file.headings,
        subheadings=file.subheadings,
        parents=np.array([headings[code[:4]] for code in file.subheadings], dtype=np.int64),
        rarity=_floats(file.rarity, "u1", file.rarity_step),
        starts=np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts))),
        columns=np.frombuffer(file.columns, dtype="<u2"),
        values=_floats(file.values, "i1", file.value_step),
        temperature=file.temperature,
        vague_values=_floats(file.vague_values, "i1", file.vague_step),
        vague_doubt=file.vague_doubt,
        vague_bias=file.vague_bias,
        vague_threshold=file.vague_threshold,
    )


def write_weights(weights: Weights) -> bytes:
    """Write weights as a file; each is rounded to one of 255 steps, single numbers to some decimals: so
    training gives the same file on processors that add up in another order.
    """
    rarity, rarity_step = _steps(weights.rarity, 255, np.uint8)
    values, value_step = _steps(weights.values, 127, np.int8)
    vague_values, vague_step = _steps(weights.vague_values, 127, np.int8)
    file = _File(
        file_version=_FILE_VERSION,
        version=weights.version,
        headings=weights.headings,
        subheadings=weights.subheadings,
        rarity=rarity,
        rarity_step=rarity_step,
        counts=np.diff(weights.starts).astype("<u2").tobytes(),
        columns=weights.columns.astype("<u2").tobytes(),
        values=values,
        value_step=value_step,
        temperature=round(weights.temperature, _PLACES),
        vague_values=vague_values,
        vague_step=vague_step,
        vague_doubt=round(weights.vague_doubt, _PLACES),
        vague_bias=round(weights.vague_bias, _PLACES),
        vague_threshold=round(weights.vague_threshold, _PLACES),
    )
    return zstandard.ZstdCompressor(level=19).compress(msgspec.msgpack.encode(file))


def _floats(content: bytes, kind: str, step: float) -> Floats:
    return np.frombuffer(content, dtype=kind).astype(np.float32) * np.float32(step)


def _steps(values: Floats, most: int, kind: type[np.uint8 | np.int8]) -> tuple[bytes, float]:
    step = float(np.abs(values).max()) / most if len(values) else 1.0
    step = step or 1.0
    return np.rint(values / step).astype(kind).tobytes(), step


def _unfit(why: str) -> SeraiError:
    return SeraiError(
        "description-weights",
        f"The weights of descriptions cannot be read: {why}.",
        "Install the package again, or train them with `python -m tools.describing train`.",
    )


class Weighed(NamedTuple):
    """Features that say something, each once a text, and how much of its text each is."""

    features: Features
    amounts: Floats


def weigh_features(features: Features, rarity: Floats) -> Weighed:
    """Return the features that say something, each once a text, and how much of the text each is.

    The squares of a text's amounts add up to one, whatever its length. Of a feature that comes from several
    words the first is named.
    """
    keys = features.owners * FEATURES_COUNT + features.numbers
    _, first = np.unique(keys, return_index=True)
    first = first[rarity[features.numbers[first]] > 0]
    owners, numbers = features.owners[first], features.numbers[first]
    amounts = rarity[numbers]
    lengths = np.sqrt(np.bincount(owners, amounts * amounts, minlength=features.count)).astype(np.float32)
    kept = Features(owners, numbers, features.words[first], features.count)
    return Weighed(kept, np.asarray(amounts / lengths[owners], dtype=np.float32))
