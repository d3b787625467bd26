"""A model as a file: manifest, signature, packed content. Untrusted input: every size and shape is checked.

    serai-risk-model/1
    {"plan_hash": ..., "content_hash": ..., ...}
    the manifest's signature as JWS in compact form, or -
    content: MessagePack, packed with Zstandard

The same model makes the same bytes. The trees are LightGBM's own text, which only a child process reads first
(`checking.py`).
"""

import hashlib
from typing import Final, NamedTuple

import msgspec
import numpy as np
import zstandard

from serai.journey.risk_model.calibration import Calibration
from serai.journey.risk_model.figures import Quality
from serai.journey.risk_model.model import RiskModel, Spread
from serai.journey.risk_model.plan import NAMES, plan_hash
from serai.journey.risk_model.plans.feature import MEASURES, PARTY_ROLES, ROLES
from serai.journey.risk_model.rows import NOT_STATED, Float64s, RiskRows, UInt64s
from serai.journey.risk_model.tables import KeyTable, Learned, with_shared_keys
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

HEADING: Final = b"serai-risk-model/1"
UNSIGNED: Final = b"-"
FILE_BYTES_MAX: Final = 32 * 1024 * 1024
_CONTENT_BYTES_MAX: Final = 128 * 1024 * 1024
_LINE_BYTES_MAX: Final = 16_384
GOLDEN_COUNT: Final = 64
GOLDEN_APART_MAX: Final = 1e-9
"""So far a golden row's probability may lie from the expected one: processors add in different orders."""
_FIGURES_COUNT: Final = 2
_SCORE: Final = "score"


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is signed. plan_hash: of the features; training_hash: of the rows it was trained on; content_hash:
    SHA-256 of the packed content. All hexadecimal."""

    plan_hash: str
    training_hash: str
    settings_hash: str
    content_hash: str
    trained_rows: int
    cross_validated: Quality


class ModelFile(NamedTuple):
    """A file taken apart, its content not looked at yet. signed: the manifest's bytes as they were signed."""

    manifest: Manifest
    signed: bytes
    signature: str | None
    content: bytes


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: bytes
    figures: bytes


class _Spread(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    edges: bytes
    shares: bytes


class _Golden(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: dict[str, bytes]
    measures: dict[str, bytes]
    expected: bytes


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    base_rate: float
    calibration: Calibration
    tables: dict[str, _Table]
    spreads: dict[str, _Spread]
    trees: str
    golden: _Golden


class Golden(NamedTuple):
    """Rows of mixed columns, no declaration among them, and the probabilities that they must get."""

    rows: RiskRows
    expected: Float64s


def write_model(model: RiskModel, cross_validated: Quality, examined: RiskRows) -> bytes:
    """Return the unsigned file of a model. examined: what it was trained on, for golden rows."""
    rows = _golden_rows(model, examined)
    golden = _Golden(
        {role: one.tobytes() for role, one in sorted(rows.keys.items())},
        {name: one.tobytes() for name, one in sorted(rows.measures.items())},
        model.probabilities(rows).tobytes(),
    )
    content = _Content(
        model.learned.base_rate,
        model.calibration,
        {
            name: _Table(one.keys.tobytes(), one.figures.tobytes())
            for name, one in sorted(model.learned.tables.items())
        },
        {
            name: _Spread(one.edges.tobytes(), one.shares.tobytes())
            for name, one in sorted(model.spreads.items())
        },
        model.trees,
        golden,
    )
    packed = zstandard.ZstdCompressor(level=9).compress(msgspec.msgpack.encode(content))
    manifest = Manifest(
        plan_hash=plan_hash(),
        training_hash=model.training_hash,
        settings_hash=model.settings_hash,
        content_hash=hashlib.sha256(packed).hexdigest(),
        trained_rows=model.trained_rows,
        cross_validated=cross_validated,
    )
    return b"\n".join([HEADING, msgspec.json.encode(manifest), UNSIGNED, packed])


def with_signature(file: bytes, signature: str) -> bytes:
    """Return the file with a signature of its manifest."""
    one = split_model_file(file)
    return b"\n".join([HEADING, one.signed, signature.encode(), one.content])


def split_model_file(file: bytes) -> ModelFile:
    """Take a file apart: its content is what the manifest says, and of features that this program has.
    Nothing else is known of it. Raises SeraiError `risk-model-unreadable`, `risk-model-other-features`."""
    if len(file) > FILE_BYTES_MAX:
        raise _unreadable(MessageText("A risk model has {bytes} bytes at most.", bytes=FILE_BYTES_MAX))
    parts = file.split(b"\n", 3)
    if len(parts) != 4 or parts[0] != HEADING or max(map(len, parts[:3])) > _LINE_BYTES_MAX:
        raise _unreadable(MessageText("This is no file of a risk model."))
    _, signed, signature, content = parts
    try:
        manifest = msgspec.json.decode(signed, type=Manifest)
        text = signature.decode("ascii")
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise _unreadable(MessageText("This is no file of a risk model.")) from fault
    if hashlib.sha256(content).hexdigest() != manifest.content_hash:
        raise _unreadable(MessageText("The content of the risk model is not what its manifest says."))
    if manifest.plan_hash != plan_hash():
        raise SeraiError(
            "risk-model-other-features",
            MessageText("The risk model was trained on other features than this version has."),
            MessageText("Train it anew with `serai risk train` of this version."),
        )
    return ModelFile(manifest, signed, None if signature == UNSIGNED else text, content)


def read_model(file: ModelFile) -> tuple[RiskModel, Golden]:
    """Return model and golden rows. The trees are not read yet. Raises SeraiError `risk-model-unreadable`."""
    try:
        unpacked = zstandard.ZstdDecompressor().stream_reader(file.content).read(_CONTENT_BYTES_MAX + 1)
        if len(unpacked) > _CONTENT_BYTES_MAX:
            raise ValueError("it unpacks to too much")
        content = msgspec.msgpack.decode(unpacked, type=_Content)
        model = RiskModel(
            learned=Learned(
                _probability(content.base_rate),
                with_shared_keys({_known(name, NAMES): _table(one) for name, one in content.tables.items()}),
            ),
            trees=content.trees,
            calibration=content.calibration,
            spreads={name: _spread(content.spreads[name]) for name in (*NAMES, _SCORE)},
            training_hash=file.manifest.training_hash,
            settings_hash=file.manifest.settings_hash,
            trained_rows=file.manifest.trained_rows,
        )
        _finite(np.array([content.calibration.slope, content.calibration.intercept]))
        return model, _golden(content.golden)
    except (zstandard.ZstdError, msgspec.DecodeError, ValueError, KeyError, MemoryError) as fault:
        raise _unreadable(
            MessageText("The content of the risk model is not what its manifest says.")
        ) from fault


def is_golden(model: RiskModel, golden: Golden) -> bool:
    """Say whether each golden row gets its expected probability."""
    apart = np.abs(model.probabilities(golden.rows) - golden.expected)
    return bool((apart <= GOLDEN_APART_MAX).all())


def _golden_rows(model: RiskModel, examined: RiskRows) -> RiskRows:
    """Mix the columns of rows: no declaration is in the file, and of parties only what the tables hold."""
    places = np.arange(GOLDEN_COUNT)
    keys: dict[str, UInt64s] = {}
    for shift, (role, column) in enumerate(sorted(examined.keys.items())):
        keys[role] = column[(places * 37 + shift * 101) % len(column)]
        if role in PARTY_ROLES:
            table = model.learned.tables.get(f"outcomes_{role}")
            known = np.zeros(0, np.uint64) if table is None else table.keys
            keys[role] = known[places % len(known)] if len(known) else np.full(GOLDEN_COUNT, NOT_STATED)
    measures = {
        name: column[(places * 41 + shift * 211) % len(column)]
        for shift, (name, column) in enumerate(sorted(examined.measures.items()))
    }
    return RiskRows(GOLDEN_COUNT, keys, measures)


def _golden(golden: _Golden) -> Golden:
    expected = _numbers(golden.expected)
    keys = {_known(role, ROLES): _keys(one) for role, one in golden.keys.items()}
    measures = {_known(name, MEASURES): _numbers(one) for name, one in golden.measures.items()}
    columns = [*keys.values(), *measures.values()]
    if len(expected) != GOLDEN_COUNT or any(len(one) != GOLDEN_COUNT for one in columns):
        raise ValueError("golden rows of another number")
    return Golden(RiskRows(GOLDEN_COUNT, keys, measures), _finite(expected))


def _table(table: _Table) -> KeyTable:
    keys, figures = _keys(table.keys), _finite(_numbers(table.figures)).reshape(-1, _FIGURES_COUNT)
    if len(keys) != len(figures) or (keys[1:] <= keys[:-1]).any():
        raise ValueError("keys are not ascending, or not one for each row of figures")
    return KeyTable(keys, figures)


def _spread(spread: _Spread) -> Spread:
    edges, shares = _finite(_numbers(spread.edges)), _finite(_numbers(spread.shares))
    if len(shares) != len(edges) + 2 or (edges[1:] <= edges[:-1]).any():
        raise ValueError("edges are not ascending, or not those of the shares")
    return Spread(edges, shares)


def _keys(content: bytes) -> UInt64s:
    return np.frombuffer(content, dtype="<u8").astype(np.uint64)


def _numbers(content: bytes) -> Float64s:
    return np.frombuffer(content, dtype="<f8").astype(np.float64)


def _finite(values: Float64s) -> Float64s:
    if not np.isfinite(values).all():
        raise ValueError("a number is missing")
    return values


def _probability(value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise ValueError("no probability")
    return value


def _known(name: str, names: tuple[str, ...]) -> str:
    if name not in names:
        raise ValueError("a name that no feature has")
    return name


def _unreadable(message: MessageText) -> SeraiError:
    return SeraiError(
        "risk-model-unreadable", message, MessageText("Take the file as `serai risk train` has written it.")
    )
