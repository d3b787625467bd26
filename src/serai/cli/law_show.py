"""`serai law show CODE`: one pack, whole."""

import difflib
from collections.abc import Iterator

import msgspec

from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, console, print_facts, print_table
from serai.law.library import read_packs
from serai.law.pack import Charge, Definition, Exclusion, Pack, Reason, Requirement
from serai.law.written_values import write_value
from serai.model.errors import SeraiError


def show(code: str, /, *, laws: LawsOption = None, output: OutputOption = None) -> int:
    """Show one pack: its values with their dates and sources, its charges, rules and requirements.

    Parameters
    ----------
    code
        The pack's code, as `serai law list` shows it.
    """
    packs = {one.pack.code: one for one in read_packs(read_chosen_laws(laws))}
    if code not in packs:
        near = difflib.get_close_matches(code.upper(), packs, n=1)
        raise SeraiError(
            "law-unknown",
            f"There is no law pack {code}.",
            f"Did you mean {near[0]}?" if near else "See `serai law list`.",
        )
    chosen, found = choose_output(output), packs[code]
    if chosen == "table":
        _print_pack(found.pack, found.content_hash)
    else:
        print_facts({"content_hash": found.content_hash, **msgspec.to_builtins(found.pack)}, chosen)
    return 0


def _print_pack(pack: Pack, content_hash: str) -> None:
    until = f"until before {pack.valid_to}" if pack.valid_to else "open"
    facts = {
        "code": pack.code,
        "title": pack.title,
        "slot": f"{pack.jurisdiction}, layer {pack.layer}, {', '.join(pack.channels) or 'all channels'}",
        "in_force": f"from {pack.valid_from}, {until} ({pack.status})",
        "law_moment": pack.law_moment,
        "currency": pack.currency,
        "confidence": pack.confidence,
        "content_hash": content_hash,
    }
    print_facts(facts, "table")
    _section("Values", [
        {
            "name": f"{parameter.name}{f' [{value.key}]' if value.key else ''}",
            "kind": parameter.kind,
            "value": write_value(value.value, parameter.kind, parameter.currency or pack.currency),
            "from": value.valid_from,
            "to": value.valid_to,
            "source": value.source,
        }
        for parameter in pack.parameters
        for value in parameter.values
    ])  # fmt: skip
    _section("Charges", [
        {
            "rule": c.rule_id,
            "kind": c.kind,
            "title": c.title,
            "when": c.when,
            "unless": _unless(c),
            "law": c.law_ref,
        }
        for c in pack.charges
    ])  # fmt: skip
    _section("Rules", [
        {"rule": rule.rule_id, "lane": rule.lane, "sentence": rule.sentence, "law": rule.law_ref}
        for rule in _rules_of(pack)
    ])  # fmt: skip
    _section("Text of the law", [
        {"rule": name, "law": law_ref, "text": text}
        for name, law_ref, text in _texts(pack)
    ])  # fmt: skip
    _section("Sources", [
        {"name": name, "title": source.title, "reference": source.reference, "confidence": source.confidence}
        for name, source in pack.sources.items()
    ])  # fmt: skip
    _section("Open questions", [{"question": question} for question in pack.open_questions])


def _texts(pack: Pack) -> Iterator[tuple[str, str, str]]:
    for one in (*pack.definitions, *pack.charges, *_rules_of(pack)):
        if one.text is not None:
            yield (one.name if isinstance(one, Definition) else one.rule_id), one.law_ref, one.text


def _unless(charge: Charge) -> str:
    return "; ".join(f"{one.meaning or one.when} ({one.law_ref})" for one in charge.unless)


def _rules_of(pack: Pack) -> list[Reason | Requirement | Exclusion]:
    return [*pack.reasons, *pack.requirements, *pack.exclusions]


def _section(title: str, rows: list[dict[str, object]]) -> None:
    if rows:
        console().print(f"\n{title}", style="bold")
        print_table(rows, list(rows[0]))
