"""Codes of packs that a command was given: each must be there."""

import difflib
from collections.abc import Mapping, Sequence

from serai.model.errors import SeraiError


def choose_codes(files: Mapping[str, bytes], codes: Sequence[str] | None) -> list[str]:
    """Return the codes asked for, without any those of all packs. Raises SeraiError `law-unknown`."""
    known = sorted(path.partition("/")[0] for path in files if path.endswith("/pack.yaml"))
    for code in codes or ():
        if code not in known:
            near = difflib.get_close_matches(code.upper(), known, n=1)
            raise SeraiError(
                "law-unknown",
                f"There is no law pack {code}.",
                f"Did you mean {near[0]}?" if near else "See `serai law list`.",
            )
    return list(codes or known)
