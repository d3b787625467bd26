"""`serai quote FILE --to DE,GB,JP`: what baskets cost at many destinations; a pipe without a database."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serai.cli.decide import read_lists_folder
from serai.cli.input_file import InputPath, read_input
from serai.cli.instant import read_instant_ms
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_rows
from serai.foundation.http.problems import InputFaultyError
from serai.journey.quotes.basket import BasketRequest, Destination, QuotedPair, pair_answers, spread
from serai.journey.quotes.from_files import answer_from_files
from serai.journey.quotes.request import DECODER
from serai.model.errors import SeraiError

_COLUMNS = ("basket", "to", "law", "duty", "tax", "fee", "to_pay", "assumed", "missing")


def quote(
    file: InputPath,
    /,
    *,
    to: Annotated[
        str | None,
        Parameter(help="Where it may go: DE,GB,JP; with a postcode where that matters: DE,ES:35001."),
    ] = None,
    at: Annotated[
        str | None, Parameter(help="Bought and declared: a day (noon UTC is meant) or an instant.")
    ] = None,
    lists: Annotated[
        Path | None, Parameter(help="Folder of tariff*, exchange-rates*, scheme-register*.")
    ] = None,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Quote the baskets of a file for every destination, by the calculation that decides.

    Nothing is sent, stored or signed: a signed quote comes from a server. JSON holds every charge and every
    assumption; a table the sums. Exit code 1 if a quote is not complete.

    Parameters
    ----------
    file
        JSON lines: each a basket as POST /v1/quotes takes it, or a declaration. `-` is standard input.
    """
    now = datetime.fromtimestamp(read_instant_ms(at) / 1000, UTC)
    request = BasketRequest(_read_baskets(read_input(file), to), _read_destinations(to), is_signed=False)
    try:
        pairs = spread(request, now, "en")
    except InputFaultyError as fault:
        raise _cannot_be_quoted(fault) from fault
    list_files = {} if lists is None else read_lists_folder(lists)
    answers = answer_from_files(read_chosen_laws(laws), list_files, [one.question for one in pairs], now)
    quotes = pair_answers(request, pairs, answers).quotes
    chosen = choose_output(output)
    rows = [_row(one) for one in quotes] if chosen == "table" else msgspec.to_builtins(quotes)
    print_rows(rows, chosen, _COLUMNS)
    return 0 if all(one.quote is not None and one.quote.is_complete for one in quotes) else 1


def _read_baskets(content: bytes, to: str | None) -> list[Any]:
    """Return a basket for each line, or for the whole where it is one JSON value over several lines."""
    try:
        found = [DECODER.decode(content)]
    except msgspec.MsgspecError as fault:
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].rstrip().endswith(b"}"):
            raise _unreadable(str(fault)) from fault
        found = [_read_line(number, line) for number, line in enumerate(lines, 1)]
    if to is None:
        return found
    # The places asked for take the place of where a declaration goes.
    return [msgspec.structs.replace(one, consignee=None, destination_country_code=None) for one in found]


def _read_line(number: int, line: bytes) -> Any:
    try:
        return DECODER.decode(line)
    except msgspec.MsgspecError as fault:
        raise _unreadable(f"line {number}: {fault}") from fault


def _read_destinations(to: str | None) -> list[Destination]:
    words = [word.strip() for word in (to or "").split(",") if word.strip()]
    return [
        Destination(country.upper(), postcode or None)
        for country, _, postcode in (word.partition(":") for word in words)
    ]


def _row(pair: QuotedPair) -> dict[str, Any]:
    row: dict[str, Any] = {
        "basket": pair.reference,
        "to": ":".join(filter(None, (pair.destination.country_code, pair.destination.postcode))),
    }
    quote = pair.quote
    if quote is None:
        return row | {"missing": [f"{one.code} {one.pointer}" for one in pair.errors] or pair.problem}
    row["law"] = quote.law[0].code if quote.law else ""
    if quote.totals is not None and quote.is_complete:
        sums, currency = quote.totals, quote.currency_code
        to_pay = Decimal(sums.due_at_border_amount) + Decimal(sums.due_at_sale_amount)
        row |= {"duty": sums.duty_amount, "tax": sums.tax_amount, "fee": sums.fee_amount}
        row["to_pay"] = f"{currency} {to_pay}"
    row["assumed"] = len(quote.assumptions)
    row["missing"] = list(dict.fromkeys(one.code for one in quote.missing))
    return row


def _unreadable(why: str) -> SeraiError:
    return SeraiError(
        "quote-file",
        f"The file is no basket: {why}.",
        "Write goods_items with commodity_code, description, invoice_amount, invoice_currency_code and"
        " origin_country_code; one JSON object a line.",
    )


def _cannot_be_quoted(fault: InputFaultyError) -> SeraiError:
    told: Sequence[str] = [f"{one.pointer}: {one.sentence}" for one in fault.faults]
    return SeraiError("quote-file", " ".join(told), "Name destinations with --to, fewer of them if too many.")
