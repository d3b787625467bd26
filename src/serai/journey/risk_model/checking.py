"""A model's file is looked at in a process of its own, with limits, before this one reads its trees."""

import subprocess
import sys
from typing import Final

from serai.journey.risk_model.model_file import (
    Manifest,
    is_golden,
    read_model,
    split_model_file,
)
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

MEMORY_BYTES_MAX: Final = 3 * 1024**3
CPU_SECONDS_MAX: Final = 30
WALL_SECONDS_MAX: Final = 120
EXIT_NOT_GOLDEN: Final = 3
EXIT_NO_ENGINE: Final = 4
_CHILD: Final = (sys.executable, "-I", "-m", "serai.journey.risk_model.checking")


def check_model(file: bytes) -> Manifest:
    """Return the manifest of a file whose golden rows get their scores, tried in a child process.

    Its signature is not looked at here. Raises SeraiError `risk-model-unreadable`,
    `risk-model-other-features`, `risk-model-refused`, `risk-engine-missing`.
    """
    manifest = split_model_file(file).manifest
    try:
        done = subprocess.run(  # noqa: S603  this interpreter, a module of ours
            _CHILD, input=file, capture_output=True, timeout=WALL_SECONDS_MAX, check=False
        )
    except subprocess.TimeoutExpired as fault:
        raise _refused(
            MessageText("The risk model cannot be read within the limits of memory and time.")
        ) from fault
    if done.returncode == EXIT_NO_ENGINE:
        raise engine_missing()
    if done.returncode == EXIT_NOT_GOLDEN:
        raise _refused(
            MessageText("The risk model does not give its golden rows the scores that it says it would.")
        )
    if done.returncode:
        raise _refused(MessageText("The risk model cannot be read within the limits of memory and time."))
    return manifest


def engine_missing() -> SeraiError:
    """Return what to say where LightGBM is not installed."""
    return SeraiError(
        "risk-engine-missing",
        MessageText("Risk models need LightGBM, which is not installed here."),
        MessageText("Install Serai with its extra: serai[risk]."),
    )


def _refused(message: MessageText) -> SeraiError:
    return SeraiError(
        "risk-model-refused",
        message,
        MessageText("The model in force stays in force. Train it anew and sign what comes out."),
    )


def _limit_process() -> None:
    import resource  # noqa: PLC0415  of Unix, and only the child needs it

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _check_as_child() -> int:
    _limit_process()
    try:
        model, golden = read_model(split_model_file(sys.stdin.buffer.read()))
        return 0 if is_golden(model, golden) else EXIT_NOT_GOLDEN
    except ImportError:
        return EXIT_NO_ENGINE
    except Exception:  # noqa: BLE001  whatever a hostile file brings about, it is refused
        return 1


if __name__ == "__main__":
    sys.exit(_check_as_child())
