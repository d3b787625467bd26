"""`serai token verify FILE`: check tax-paid tokens offline, in plain words."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serai.cli.input_file import InputPath, read_input
from serai.cli.instant import read_instant_ms
from serai.cli.output import OutputOption, choose_output, print_rows
from serai.journey.tax_paid.checking import TokenChecker, TokenVerdict
from serai.journey.tax_paid.declared import declared_of
from serai.journey.tax_paid.goods import Tolerance
from serai.journey.tax_paid.sentences import MISMATCHES, SENTENCES
from serai.journey.tax_paid.trusted import read_key_set, read_lists
from serai.model.documents import Consignment
from serai.model.errors import SeraiError

_COLUMNS = ("line", "valid", "number", "scheme", "paid", "reasons", "what to do")


def verify(
    file: InputPath,
    /,
    *,
    keys: Annotated[Path, Parameter(help="The issuers' public keys: a JSON Web Key Set.")],
    status_list: Annotated[
        list[Path] | None,
        Parameter(
            help="A signed status list as it is published at the address in the tokens; may be repeated."
        ),
    ] = None,
    administration: Annotated[str, Parameter(help="Whose border it is: code of the administration.")],
    declaration: Annotated[
        Path | None, Parameter(help="The declaration of the goods, as JSON: is each token for these goods?")
    ] = None,
    value_tolerance_ppm: Annotated[
        int, Parameter(help="So far may a declared value be above the token's, in millionths.")
    ] = 0,
    mass_tolerance_ppm: Annotated[
        int, Parameter(help="So far may a declared mass be above the token's, in millionths.")
    ] = 0,
    at: Annotated[str | None, Parameter(help="Checked as of: a day (noon UTC) or an instant; now.")] = None,
    output: OutputOption = None,
) -> int:
    """Check tax-paid tokens offline: signature, border, times, status, and the goods where they are given.

    Nothing is asked of any server, and nothing is used up. Exit code 1 if a token is not valid.

    Parameters
    ----------
    file
        One token a line, as scanned; `-` is standard input.
    """
    trusted = read_key_set(read_input(keys))
    lists = read_lists((_text(read_input(path)) for path in status_list or ()), trusted)
    checker = TokenChecker(trusted, lists, administration_code=administration)
    instant = datetime.fromtimestamp(read_instant_ms(at) / 1000, UTC)
    goods = None if declaration is None else declared_of(_read_declaration(declaration))
    tolerance = Tolerance(value_ppm=value_tolerance_ppm, mass_ppm=mass_tolerance_ppm)
    lines = [
        (number, line.strip())
        for number, line in enumerate(_text(read_input(file)).splitlines(), 1)
        if line.strip()
    ]
    if not lines:
        raise SeraiError("token-file-empty", "There is no token in the file.", "Put one token on each line.")
    verdicts = [checker.check(token, instant, goods, tolerance) for _, token in lines]
    chosen = choose_output(output)
    shape = _row if chosen == "table" else _facts
    rows = [shape(number, one) for (number, _), one in zip(lines, verdicts, strict=True)]
    print_rows(rows, chosen, _COLUMNS)
    return 0 if all(one.is_valid for one in verdicts) else 1


def _text(content: bytes) -> str:
    # What is not ASCII is in no token; it is told as unreadable on its line.
    return content.decode("utf-8", errors="replace")


def _read_declaration(path: Path) -> Consignment:
    try:
        return msgspec.json.decode(read_input(path), type=Consignment)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise SeraiError(
            "declaration-unreadable",
            f"{path} is no declaration: {fault}.",
            "Check it with `serai check FILE --kind declaration`.",
        ) from fault


def _facts(line: int, one: TokenVerdict) -> dict[str, Any]:
    claims = one.claims
    return {
        "line": line,
        "valid": one.is_valid,
        "number": claims and claims.number,
        "issuer": claims and claims.issuer,
        "administration": claims and claims.administration_code,
        "scheme": claims and claims.scheme_code,
        "paid": claims and msgspec.to_builtins(claims.paid),
        "expires_at": claims and datetime.fromtimestamp(claims.expires_at, UTC).isoformat(),
        "reasons": [
            {"code": code, "sentence": SENTENCES[code][0], "next_step": SENTENCES[code][1]}
            for code in one.reasons
        ],
        "mismatches": [
            msgspec.to_builtins(each) | {"sentence": MISMATCHES[each.field]} for each in one.mismatches
        ],
    }


def _row(line: int, one: TokenVerdict) -> dict[str, Any]:
    claims = one.claims
    differing = [
        f"{f'item {each.sequence_number}: ' if each.sequence_number else ''}{MISMATCHES[each.field]}"
        for each in one.mismatches
    ]
    return {
        "line": line,
        "valid": one.is_valid,
        "number": claims.number if claims else "",
        "scheme": claims.scheme_code if claims else "",
        "paid": f"{claims.paid.currency_code} {claims.paid.duty} + {claims.paid.tax}" if claims else "",
        "reasons": [*(SENTENCES[code][0] for code in one.reasons), *differing],
        "what to do": [SENTENCES[code][1] for code in one.reasons],
    }
