"""`python -m tests.journey.repayment_plan.repaying ARGUMENTS`: the command `serai`, whose plans of repayment
are carried out a row in a transaction, told of before that is committed."""

import sys
from typing import Any

from serai.cli.main import run
from serai.journey.repayment_plan import paying

_note = paying._note


async def _telling(*given: Any, **named: Any) -> None:
    await _note(*given, **named)
    sys.stdout.write("written\n")
    sys.stdout.flush()


if __name__ == "__main__":
    vars(paying)["_note"], vars(paying)["BATCH_COUNT"] = _telling, 1
    sys.exit(run(sys.argv[1:]))
