"""`serai risk outcomes`, `train`, `evaluate`, `refresh` and `sign`: the learned risk model."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import msgspec
from cyclopts import Parameter

from serai.app import build_services
from serai.cli.input_file import InputPath, read_input
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.log import open_log_key
from serai.cli.node import acting_user_of_operator, open_node, operator_name
from serai.cli.output import OutputOption, choose_output, print_facts, print_json
from serai.evidence.notes import name_key
from serai.foundation.access.administering import record_act
from serai.foundation.vault.reading import Reach
from serai.journey.risk_model.checking import check_model, engine_missing
from serai.journey.risk_model.drift import find_drift
from serai.journey.risk_model.figures import quality_of
from serai.journey.risk_model.model_file import (
    read_model,
    split_model_file,
    write_model,
)
from serai.journey.risk_model.plans.examined import Examined
from serai.journey.risk_model.signed import sign_model
from serai.journey.risk_model.training import OF_DECLARATIONS, Settings
from serai.journey.risk_model.training import refresh as refresh_model
from serai.journey.risk_model.training import train as train_model
from serai.laboratory.output_file import writing_to
from serai.laboratory.risk.benchmark import run_benchmark
from serai.laboratory.risk.customs_table import CustomsTable
from serai.laboratory.risk.examined_file import read_examined
from serai.laboratory.risk.outcomes import PURPOSE, read_outcomes
from serai.law.library import load_book
from serai.model.errors import SeraiError

_READ_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""Declarations are read as of one instant, so that the same file gives the same model on any day."""

_WEEKS_MAX: Final = 520

InputOption = Annotated[
    Path,
    Parameter(
        name="--input",
        help="Examined goods: a table of the customs benchmark (CSV, also .gz), or .ndjson of declarations.",
    ),
]


def train(
    *,
    input_: InputOption,
    model: Annotated[Path, Parameter(help="Where the model's file is written; it is not signed.")],
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Train a risk model on examined goods, and say how it does on goods that were kept from it.

    The same file gives the same bytes. Goods that are alike in all that was declared count as one, and stand
    never on both sides of the cross-validation. Older examinations count less. Nothing is sent anywhere.
    """
    examined, table = _read(input_, laws)
    try:
        trained = train_model(examined, _settings(table))
    except ImportError as fault:
        raise engine_missing() from fault
    content = write_model(trained.model, trained.cross_validated, examined.rows)
    with writing_to(model):
        model.write_bytes(content)
    facts = {
        "model": str(model),
        "bytes": len(content),
        "rows": trained.model.trained_rows,
        "training_hash": trained.model.training_hash,
        "cross_validated": msgspec.to_builtins(trained.cross_validated),
    }
    print_facts(facts, choose_output(output))
    return 0


def evaluate(
    *,
    input_: InputOption,
    train: Annotated[
        Path | None, Parameter(help="Examined goods to train on in the same run, beside a baseline.")
    ] = None,
    model: Annotated[Path | None, Parameter(help="A model's file to look at instead.")] = None,
    laws: LawsOption = None,
) -> int:
    """Say how well a model ranks examined goods; as JSON.

    With --train a model and a named baseline are trained in this run, and a third model on shuffled outcomes;
    goods that are also in the training are told apart, for only new goods say anything. With --model the file
    is tried in a process of its own, then on the input as it is; features that lie otherwise than in
    training are named by week.
    """
    examined, table = _read(input_, laws)
    try:
        if train is not None:
            training, training_table = _read(train, laws)
            both = None if table is None or training_table is None else (training_table, table)
            print_json(run_benchmark(training, examined, _settings(training_table), both))
            return 0
        if model is None:
            raise SeraiError(
                "risk-nothing-to-evaluate",
                "There is neither a model nor anything to train on.",
                "Give --train or --model.",
            )
        content = read_input(model)
        check_model(content)
        loaded, _ = read_model(split_model_file(content))
        asked = examined.take(examined.examined_rows)
        if not asked.rows.row_count:
            raise _nothing_examined()
        quality = quality_of(loaded.probabilities(asked.rows), asked.is_found)
        drift = find_drift(loaded, examined.rows, examined.day)
        print_json({**msgspec.to_builtins(quality), "drift": msgspec.to_builtins(drift)})
    except ImportError as fault:
        raise engine_missing() from fault
    return 0


def outcomes(
    *,
    file: Annotated[Path, Parameter(name="--output-file", help="Where the lines are written (.ndjson).")],
    weeks: Annotated[int, Parameter(help="How far back to look.")] = 52,
    unexamined_percent: Annotated[
        int, Parameter(help="How much of what was not examined is written: it says what is usual for whom.")
    ] = 10,
    output: OutputOption = None,
) -> int:
    """Write stored declarations with what examinations found, without people: what `serai risk train` and
    `serai risk refresh` read.

    Each declaration that is opened stands in the ledger of the vault, under the purpose risk-training. Train
    counts older examinations less, by whole weeks.
    """
    if not (1 <= weeks <= _WEEKS_MAX and 0 <= unexamined_percent <= 100):
        raise SeraiError(
            "input-faulty",
            f"Weeks are 1 to {_WEEKS_MAX}, the share is 0 to 100 per cent.",
            "Give other numbers.",
        )
    with writing_to(file), file.open("wb") as lines:
        counts = asyncio.run(_write_outcomes(lines, weeks, unexamined_percent * 10_000))
    print_facts({"file": str(file), **counts}, choose_output(output))
    return 0


async def _write_outcomes(lines: BinaryIO, weeks: int, unexamined_ppm: int) -> dict[str, int]:
    encoder = msgspec.json.Encoder()
    counts = {"declarations": 0, "examined": 0, "found": 0}
    async with open_node() as node:
        services = await build_services(
            node.settings, node.database, node.ids, node.clock, node.administration_id
        )
        at = node.clock.now()
        reach = Reach(node.administration_id, PURPOSE, operator_name(), at)
        async for page in read_outcomes(
            services, from_at=at - timedelta(weeks=weeks), unexamined_ppm=unexamined_ppm, reach=reach
        ):
            lines.write(encoder.encode_lines(page))
            counts["declarations"] += len(page)
            counts["examined"] += sum(one.is_found is not None for one in page)
            counts["found"] += sum(one.is_found is True for one in page)
    return counts


def refresh(
    *,
    input_: InputOption,
    model: Annotated[Path, Parameter(help="A model's file, signed or not.")],
    refreshed: Annotated[Path, Parameter(help="Where the model's file is written; it is not signed.")],
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Make a model's history of sellers and declarants anew, out of what `serai risk outcomes` has written.

    Trees, calibration and what goods are usually like stay as they were trained: done each week, a model
    follows what examinations find, and nobody has to look at its figures again.
    """
    known, table = _read(input_, laws)
    content = read_input(model)
    manifest = check_model(content)
    try:
        loaded, _ = read_model(split_model_file(content))
        made = refresh_model(loaded, known, _settings(table))
        written = write_model(made, manifest.cross_validated, known.rows)
    except ImportError as fault:
        raise engine_missing() from fault
    with writing_to(refreshed):
        refreshed.write_bytes(written)
    facts = {"model": str(refreshed), "bytes": len(written), "rows": known.rows.row_count}
    print_facts(facts, choose_output(output))
    return 0


def sign(
    file: InputPath,
    /,
    *,
    signed: Annotated[Path, Parameter(help="Where the signed file is written.")],
    output: OutputOption = None,
) -> int:
    """Sign a model's file with this node's key, after it was tried in a process of its own.

    Look at its figures first: `serai list import risk-model` puts in force what this node has signed, and a
    second person approves it where lists wait for one.
    """
    content = read_input(file)
    manifest = check_model(content)
    written = asyncio.run(_sign(content, manifest.content_hash))
    with writing_to(signed):
        signed.write_bytes(written)
    print_facts({"model": str(signed), **msgspec.to_builtins(manifest)}, choose_output(output))
    return 0


async def _sign(content: bytes, content_hash: str) -> bytes:
    async with open_node() as node, node.database.write_as_owner() as connection:
        key = await open_log_key(node, connection)
        signed = sign_model(content, key, name_key(node.settings.log.origin, key))
        await record_act(
            connection, acting_user_of_operator(node), "risk-model-signed", "risk-model", content_hash
        )
        return signed


def _settings(table: CustomsTable | None) -> Settings:
    return OF_DECLARATIONS if table is None else Settings()


def _nothing_examined() -> SeraiError:
    return SeraiError(
        "risk-nothing-to-evaluate",
        "None of the goods were examined.",
        "Give examined goods, as `serai risk outcomes` writes them.",
    )


def _read(path: Path, laws: Path | None) -> tuple[Examined, CustomsTable | None]:
    book = load_book(read_chosen_laws(laws))
    return read_examined(path, book, int(_READ_AT.timestamp() * 1000))
