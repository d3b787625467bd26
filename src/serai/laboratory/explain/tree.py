"""The tree of steps: each name of a law once in full, with what it rests on, down to declared data and dated parameters."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import msgspec
from sqlglot import exp

from serai.laboratory.explain import formula as formulas
from serai.laboratory.explain.phrases import Phrases
from serai.laboratory.explain.record import Figure, Record, RecordedCharge
from serai.laboratory.explain.steps import Step, StepKind
from serai.laboratory.explain.wording import iso, say_day, say_exact_money, say_figure, say_rounding
from serai.law.pack import DatedValue, Parameter, Rounding
from serai.law.program import CompiledChoice, CompiledDefinition
from serai.law.tariff import day_number
from serai.law.vocabulary import FUNCTIONS

LIST_SHOWN_MAX = 6


@dataclass(slots=True)
class Tree:
    """Builds the steps of one consignment. scopes: the first part of the ids of each item's steps.

    explain_word: makes the step of a word of the vocabulary. told: ids of steps that stand in full already.
    """

    record: Record
    phrases: Phrases
    scopes: Sequence[str]
    explain_word: Callable[["Tree", str, int | None], Step]
    told: dict[str, Step] = field(default_factory=dict)
    in_charge: str = ""
    charge_number: int = 0

    # ---- names ----

    def scope(self, place: int | None) -> str:
        """Return the first part of a step's id."""
        return "consignment" if place is None else self.scopes[place]

    def named(self, name: str, place: int | None) -> Step:
        """Return the step of a name: in full the first time, later as a reference to it."""
        level = self.record.level(name)
        at = place if level == "item" else None
        id_ = f"{'law' if level is None else self.scope(at)}.{name}"
        if name in ("charges_in_tax_base", "due_at_border"):
            id_ = f"{self.scope(at)}.{self.in_charge}.{name}"
        if id_ in self.told:
            return as_reference(self.told[id_])
        if name in self.record.definitions:
            step = self._definition(id_, self.record.definitions[name], at)
        elif name in self.record.program.parameters:
            step = self._parameter(id_, name, at)
        elif name in ("relief_code", "declaration_form_code"):
            step = self._table(id_, name, at)
        elif name.startswith("charge_"):
            return self._charge_reference(name, at)
        else:
            step = self.explain_word(self, name, at)
        return self.tell(step)

    def of_item(self, step: Step, place: int) -> Step:
        """Return a step that says which goods item it is of, where there are several."""
        if self.record.item_count() == 1 or not step.id.startswith(f"{self.scopes[place]}."):
            return step
        item = self.scopes[place].removeprefix("item-")
        return msgspec.structs.replace(
            step, meaning=self.phrases.say("of_item", meaning=step.meaning, item=item)
        )

    def in_full(self, name: str, place: int | None) -> Step:
        """Return the step of a name with what it rests on, also where it was told before."""
        return self.told[self.named(name, place).id]

    def tell(self, step: Step) -> Step:
        """Remember a step that stands in full."""
        self.told[step.id] = step
        return step

    def named_again(self, id_: str) -> Step:
        """Return a reference to a step that stands in full already."""
        return as_reference(self.told[id_])

    def charge_reference(self, one: RecordedCharge) -> Step:
        """Return a reference to a charge, which stands in full in its own place."""
        figure = Figure("money", True, one.amount_minor, currency=one.charge.currency)
        return Step(
            id=f"{self.scope(one.place)}.{one.charge.charge.rule_id}",
            kind="charge",
            name=one.charge.charge.rule_id,
            meaning=one.charge.charge.title,
            **self.result(figure),
            law_ref=one.charge.charge.law_ref,
            is_repeat=True,
        )

    def _charge_reference(self, name: str, place: int | None) -> Step:
        recorded = self.record.charge_of(name, place)
        if recorded is not None:
            return self.charge_reference(recorded)
        compiled = next(one for one in self.record.program.charges if one.name == name)
        figure = self.record.figure(name, place)
        return Step(
            id=f"{self.scope(place)}.{compiled.charge.rule_id}",
            kind="charge",
            name=compiled.charge.rule_id,
            meaning=f"{compiled.charge.title}: {self.phrases.phrases['does_not_apply']}",
            **self.result(figure),
            law_ref=compiled.charge.law_ref,
            is_repeat=True,
        )

    def _definition(self, id_: str, found: CompiledDefinition, place: int | None) -> Step:
        definition = found.definition
        return self.expression(
            id_,
            "definition",
            definition.name,
            definition.meaning.rstrip("."),
            definition.value,
            place,
            rounding=definition.rounding,
            law_ref=definition.law_ref,
            figure=self.record.figure(definition.name, place),
        )

    def _parameter(self, id_: str, name: str, place: int | None) -> Step:
        parameter, pack = self.record.parameter(name)
        key_name = parameter.by or parameter.by_prefix
        key_word = None if key_name is None else self.record.figure(key_name, place).text
        value = value_in_force(parameter, key_word, self.record.law_day())
        children = [] if key_name is None else [self.named(key_name, place)]
        if value is None:
            needed = self.phrases.say("parameter_needed", name=name, day=say_day(self.record.law_day()))
            first = pack.sources[parameter.values[0].source]
            return Step(
                id=id_,
                kind="parameter",
                name=name,
                meaning=parameter.meaning.rstrip("."),
                result=self.phrases.phrases["unknown"],
                law_ref=first.reference,
                source=first.title,
                is_known=False,
                needed=needed,
                children=children,
            )
        source = pack.sources[value.source]
        listed = self.list_text(name)
        result = {"result": listed} if listed is not None else self.result(self.record.figure(name, place))
        return Step(
            id=id_,
            kind="parameter",
            name=name,
            meaning=parameter.meaning.rstrip(".") + (f" ({value.key})" if value.key else ""),
            **result,  # type: ignore[arg-type]
            law_ref=source.reference,
            source=source.title,
            source_address=source.address,
            valid_from=iso(value.valid_from),
            valid_to=iso(value.valid_to),
            children=children,
        )

    def list_text(self, name: str) -> str | None:
        """Return the text of a list parameter, its first entries; None for other names."""
        symbol = self.record.program.symbols.get(name)
        if symbol is None or not symbol.is_list:
            return None
        value = self.record.run.read(name)
        words = value.lists[int(value.data[0])] if value.lists else value.words
        shown = list(words[:LIST_SHOWN_MAX])
        if len(words) > LIST_SHOWN_MAX:
            shown.append(self.phrases.say("and_more", count=len(words) - LIST_SHOWN_MAX))
        return f"[{', '.join(shown)}]"

    # ---- formulas ----

    def expression(
        self,
        id_: str,
        kind: StepKind,
        name: str,
        meaning: str,
        text: str,
        place: int | None,
        *,
        rounding: Rounding = Rounding(),
        law_ref: str | None = None,
        figure: Figure | None = None,
    ) -> Step:
        """Return the step of a formula. figure: as the record has it; None where the record keeps no such part."""
        tree = formulas.parse(text)
        found = self.record.evaluate(text, rounding, place) if figure is None else figure
        children = distinct(self.parts(tree, place, id_, rounding, law_ref))
        is_rounded = found.kind == "money" and formulas.rounds(tree)
        currency = found.currency or self.record.currency
        return Step(
            id=id_,
            kind=kind,
            name=name,
            meaning=meaning,
            formula=text,
            filled=self.fill(tree, place, rounding),
            exact=self._exact_product(tree, place, rounding) if is_rounded else None,
            rounding=say_rounding(rounding, currency, self.phrases) if is_rounded else None,
            **self.result(found),
            law_ref=law_ref,
            needed=None if found.is_known else needed_of(children),
            children=children,
        )

    def fill(self, tree: Any, place: int | None, rounding: Rounding) -> str:
        """Return a formula with figures in the place of names."""

        def evaluate(text: str, at: int | None) -> Figure:
            return self.record.evaluate(text, rounding, at)

        return formulas.fill(tree, place, self.record.item_count(), evaluate, self.list_text, self.phrases)

    def _exact_product(self, tree: Any, place: int | None, rounding: Rounding) -> str | None:
        """Return amount x rate before rounding, where the whole formula is such a product."""
        root = formulas.bare(tree)
        if not isinstance(root, exp.Mul):
            return None
        left, right = (
            self.record.evaluate(formulas.write(side), rounding, place)
            for side in (root.this, root.expression)
        )
        money, rate = (left, right) if left.kind == "money" else (right, left)
        if money.kind != "money" or rate.kind != "rate" or not (money.is_known and rate.is_known):
            return None
        exact = Fraction(money.numerator * rate.numerator, rate.denominator)
        return say_exact_money(exact, money.currency or self.record.currency)

    def parts(
        self, tree: Any, place: int | None, id_: str, rounding: Rounding, law_ref: str | None
    ) -> list[Step]:
        """Return the steps on which the value of a formula rests: where one operand decides, that one."""
        tree = formulas.bare(tree)

        def inner(part: Any, at: int | None = place) -> list[Step]:
            return self.parts(part, at, id_, rounding, law_ref)

        if isinstance(tree, exp.Column):
            return [self.named(tree.name, place)]
        if isinstance(tree, exp.And | exp.Or):
            return self._deciding(tree, place, id_, rounding, law_ref)
        if isinstance(tree, exp.Case):
            return self._branch(tree, place, id_, rounding, law_ref)
        if isinstance(tree, exp.Coalesce):
            return self._first_known(tree, place, id_, rounding, law_ref)
        if isinstance(tree, formulas.AGGREGATES):
            places = self._deciding_places(tree, rounding)
            return [self.of_item(step, at) for at in places for step in inner(tree.this, at)]
        steps = [step for part in _arguments(tree) for step in inner(part)]
        if isinstance(tree, exp.Anonymous):
            steps += self._looked_up(tree, place)
        return steps

    def condition(
        self, tree: Any, place: int | None, id_: str, rounding: Rounding, law_ref: str | None
    ) -> Step:
        """Return the step of a condition that is part of the formula with this id."""
        if isinstance(tree, exp.Column):
            return self.named(tree.name, place)
        text = formulas.write(tree)
        part = f"{id_}.{formulas.slug(text)}"
        return self.expression(
            part, "condition", "", self._say_function(tree), text, place, rounding=rounding, law_ref=law_ref
        )

    def _say_function(self, tree: Any) -> str:
        """Return a condition with what its functions mean, in words."""
        names = dict.fromkeys(_function_name(node) for node in tree.walk())
        meanings = [
            f"{name}: {self.phrases.functions.get(name, FUNCTIONS[name])}"
            for name in names
            if name in FUNCTIONS
        ]
        text = formulas.write(tree)
        return f"{text} ({'; '.join(meanings)})" if meanings else text

    def _deciding(
        self, tree: Any, place: int | None, id_: str, rounding: Rounding, law_ref: str | None
    ) -> list[Step]:
        is_and = isinstance(tree, exp.And)
        every = list(formulas.operands(tree, type(tree)))
        figures = [self.record.evaluate(formulas.write(one), rounding, place) for one in every]
        pairs = list(zip(every, figures, strict=True))
        # A known false decides AND, a known true decides OR; an unknown matters only where nothing decides.
        deciding = [one for one, figure in pairs if figure.is_known and figure.is_true() != is_and][:1]
        unknown = [one for one, figure in pairs if not figure.is_known]
        return [self.condition(one, place, id_, rounding, law_ref) for one in deciding or unknown or every]

    def _branch(
        self, tree: Any, place: int | None, id_: str, rounding: Rounding, law_ref: str | None
    ) -> list[Step]:
        steps = []
        for branch in tree.args["ifs"]:
            steps.append(self.condition(branch.this, place, id_, rounding, law_ref))
            figure = self.record.evaluate(formulas.write(branch.this), rounding, place)
            if not figure.is_known:
                return steps
            if figure.is_true():
                return steps + self.parts(branch.args["true"], place, id_, rounding, law_ref)
        return steps + self.parts(tree.args["default"], place, id_, rounding, law_ref)

    def _first_known(
        self, tree: Any, place: int | None, id_: str, rounding: Rounding, law_ref: str | None
    ) -> list[Step]:
        steps = []
        for part in (tree.this, *tree.expressions):
            found = self.parts(part, place, id_, rounding, law_ref)
            if self.record.evaluate(formulas.write(part), rounding, place).is_known:
                return [without_need(step, self.phrases.phrases["none"]) for step in steps] + found
            steps += found
        return steps

    def _deciding_places(self, tree: Any, rounding: Rounding) -> Iterable[int]:
        places = range(self.record.item_count())
        if isinstance(tree, exp.LogicalOr | exp.LogicalAnd):
            decides = isinstance(tree, exp.LogicalOr)
            text = formulas.write(tree.this)
            for place in places:
                figure = self.record.evaluate(text, rounding, place)
                if figure.is_known and figure.is_true() == decides:
                    return (place,)
        return places

    def _looked_up(self, tree: Any, place: int | None) -> list[Step]:
        name = tree.name.upper()
        if name == "TARIFF_DUTY":
            return [self.explain_word(self, "__tariff_duty", place)]
        if name == "IN_CURRENCY":
            return [self.explain_word(self, f"__rate_{tree.expressions[1].this}", place)]
        return []

    # ---- choices ----

    def choice(
        self,
        id_: str,
        name: str,
        meaning: str,
        choice: CompiledChoice,
        place: int | None,
        chosen: int | None,
        *,
        law_ref: str | None = None,
    ) -> Step:
        """Return the step of a table read from the top: its rows down to the one that held.

        chosen: number of the row as recorded, -1 undecided; None where the record keeps the code alone.
        """
        rows: list[Step] = []
        held = -1
        for number, (code, condition, row) in enumerate(choice.rows):
            figure = self.record.evaluate(condition.text, Rounding(), place)
            rows.append(
                self._row(
                    f"{id_}.row-{number + 1}", number, code, condition.text, row.law_ref or law_ref, place
                )
            )
            if figure.is_true() or not figure.is_known:
                # What is unknown might have held: nothing below it is asked.
                held = number if figure.is_true() else -1
                break
        if chosen is not None:
            held = chosen
        is_known = held >= 0 and all(row.is_known for row in rows[: held + 1])
        code = choice.rows[held][0] if held >= 0 else ""
        return Step(
            id=id_,
            kind="choice",
            name=name,
            meaning=meaning,
            result=self.phrases.roles.get(code, code) if is_known else self.phrases.phrases["unknown"],
            law_ref=(choice.rows[held][2].law_ref if held >= 0 else None) or law_ref or self.base_reference(),
            is_known=is_known,
            needed=None if is_known else needed_of(rows),
            children=rows if is_known or not rows else [row for row in rows if not row.is_known] or rows,
        )

    def _table(self, id_: str, name: str, place: int | None) -> Step:
        """Return the step of a law's table of reliefs or of data sets."""
        program = self.record.program
        if place is None:
            choice, meaning = program.declaration_form, self.phrases.phrases["form"]
        else:
            number = int(self.record.run.items.numbers("sequence_number")[place])
            choice, meaning = program.relief, self.phrases.say("relief", item=number)
        step = self.choice(id_, name, meaning, choice, place, None)
        recorded = self.record.figure(name, place)
        assert step.is_known == recorded.is_known, id_
        assert not step.is_known or step.result == recorded.text, id_
        return step

    def _row(
        self, id_: str, number: int, code: str, text: str, law_ref: str | None, place: int | None
    ) -> Step:
        law_ref = law_ref or self.base_reference()
        label = self.phrases.say("row", number=number + 1)
        if text == "TRUE":
            return Step(
                id=id_,
                kind="row",
                name=code,
                meaning=f"{label}: {code}, {self.phrases.phrases['otherwise']}",
                result=self.phrases.phrases["held"],
                law_ref=law_ref,
            )
        step = self.expression(id_, "row", code, f"{label}: {code}", text, place, law_ref=law_ref)
        if not step.is_known:
            return step
        outcome = "held" if step.result == self.phrases.phrases["yes"] else "did_not_hold"
        return msgspec.structs.replace(step, result=self.phrases.phrases[outcome])

    def base_reference(self) -> str:
        """Return the name of the law, for a row of a table that names no article."""
        return self.record.program.base.title

    # ---- results ----

    def result(self, figure: Figure) -> dict[str, Any]:
        """Return the fields of a step that hold its result."""
        fields: dict[str, Any] = {"result": say_figure(figure, self.phrases)}
        if figure.kind == "code" and figure.is_known:
            fields["result"] = figure.text
        if figure.kind == "money" and figure.is_known:
            fields |= {"result_minor": figure.numerator, "currency": figure.currency}
        return fields | {"is_known": figure.is_known}


def _arguments(tree: Any) -> Iterable[Any]:
    """Return the parts of a node that are formulas themselves."""
    if isinstance(tree, exp.Literal | exp.Boolean | exp.Null):
        return ()
    return (part for part in tree.iter_expressions() if not isinstance(part, exp.Literal))


def _function_name(node: Any) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.name).upper()
    names = {exp.LogicalOr: "BOOL_OR", exp.LogicalAnd: "BOOL_AND"}
    return names.get(type(node)) or (node.sql_name() if isinstance(node, exp.Func) else "")


def as_reference(step: Step) -> Step:
    """Return a step without what it rests on: it stands in full elsewhere."""
    return msgspec.structs.replace(step, children=[], is_repeat=True) if step.children else step


def without_need(step: Step, nothing: str) -> Step:
    """Return a step whose unknown stands in nobody's way: it is simply not there."""
    if step.is_known:
        return step
    children = [without_need(child, nothing) for child in step.children]
    return msgspec.structs.replace(step, result=nothing, needed=None, children=children)


def distinct(steps: Iterable[Step]) -> list[Step]:
    """Return steps without those that come twice."""
    found: dict[str, Step] = {}
    for step in steps:
        found.setdefault(step.id, step)
    return list(found.values())


def needed_of(steps: Iterable[Step]) -> str | None:
    """Return what would make the unknown among the steps known."""
    return "; ".join(dict.fromkeys(step.needed for step in steps if step.needed)) or None


def value_in_force(parameter: Parameter, key: str | None, day: int) -> DatedValue | None:
    """Return the value of a parameter on a day (since 1970), or None where the law gives none."""
    if parameter.by_prefix is not None and key is not None:
        fitting = [value.key for value in parameter.values if value.key and key.startswith(value.key)]
        key = max(fitting, key=len, default="")
    for value in parameter.values:
        if value.key == key and day_number(value.valid_from) <= day < day_number(value.valid_to):
            return value
    return None
