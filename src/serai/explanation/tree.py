"""The tree of steps: each name of a law once in full, with what it rests on, down to declared data and dated
parameters.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import msgspec
from sqlglot import exp

from serai.explanation import formula as formulas
from serai.explanation.phrases import Phrases
from serai.explanation.record import Figure, Record, RecordedCharge
from serai.explanation.steps import Step, StepKind
from serai.explanation.withheld import NOTHING, mentions
from serai.explanation.wording import (
    iso,
    render_bare,
    render_day,
    render_exact_money,
    render_figure,
    render_rounding,
)
from serai.law.composition import RESTRICTED
from serai.law.expression import names_in
from serai.law.pack import OPENING_MARK, DatedValue, Parameter, Rounding, Unless
from serai.law.program import CompiledChoice, CompiledDefinition
from serai.law.tariff import day_number
from serai.law.vocabulary import FUNCTIONS, NOTHING_UNLESS_GIVEN, WORDS

LIST_SHOWN_MAX = 6


NO_ROUNDING = Rounding()
"""Where a formula rounds nothing, as a condition does."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a formula stands: the id of its step, its goods item (None: the consignment), its law and its
    rounding.
    """

    id: str
    place: int | None
    law_ref: str | None
    rounding: Rounding = NO_ROUNDING


@dataclass(slots=True)
class Tree:
    """Builds the steps of one consignment. scopes: the first part of the ids of each item's steps.

    explain_word: makes the step of a word of the vocabulary. told: ids of steps that stand in full already.
    withheld: names whose figures the reader may not see.
    """

    record: Record
    phrases: Phrases
    scopes: Sequence[str]
    explain_word: Callable[["Tree", str, int | None], Step]
    withheld: frozenset[str] = NOTHING
    told: dict[str, Step] = field(default_factory=dict)
    in_charge: str = ""
    charge_number: int = 0

    def exceptions(self, spot: Spot, unless: Sequence[Unless]) -> list[Step]:
        """Return a step of each exception beside a rule: what it is, and whether it holds."""
        return [
            self.expression(
                replace(spot, id=f"{spot.id}.unless-{number}", law_ref=one.law_ref),
                "condition",
                "unless",
                self.phrases.render("unless", meaning=self._meaning_of(one)),
                one.when,
            )
            for number, one in enumerate(unless, start=1)
        ]

    def _meaning_of(self, one: Unless) -> str:
        named = self.record.definitions.get(one.when)
        said = one.meaning or (named.definition.meaning if named else one.when)
        return said.rstrip(".")

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
        elif name in self.record.program.code_lists:
            step = self._list_of_exclusion(id_, name)
        elif name in ("relief_code", "declaration_form_code"):
            step = self._table(id_, name, at)
        elif name.startswith("charge_"):
            return self._charge_reference(name, at)
        else:
            step = self.explain_word(self, name, at)
        return self.tell(self._withhold(step) if name in self.withheld else step)

    def _withhold(self, step: Step) -> Step:
        """Return a step without its figure; that nothing is known of it may be told."""
        if not step.is_known:
            return step
        hidden = self.phrases.phrases["withheld"]
        return msgspec.structs.replace(step, result=hidden, result_minor=None, currency=None, exact=None)

    def of_item(self, step: Step, place: int) -> Step:
        """Return a step that says which goods item it is of, where there are several."""
        if self.record.item_count() == 1 or not step.id.startswith(f"{self.scopes[place]}."):
            return step
        item = self.scopes[place].removeprefix("item-")
        return msgspec.structs.replace(
            step, meaning=self.phrases.render("of_item", meaning=step.meaning, item=item)
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
            meaning=self.phrases.of_law(one.charge.charge.title),
            **self.result(figure),
            law_ref=one.charge.charge.law_ref,
            is_repeat=True,
        )

    def _charge_reference(self, name: str, place: int | None) -> Step:
        recorded = self.record.charge_of(name, place)
        if recorded is not None:
            return self.charge_reference(recorded)
        compiled = next(one for one in self.record.program.charges if one.name == name)
        charge, figure = compiled.charge, self.record.figure(name, place)
        id_ = f"{self.scope(place)}.{charge.rule_id}"
        told = self.told.get(id_)
        title = self.phrases.of_law(charge.title)
        needed = None if figure.is_known else (told and told.needed) or title
        outcome = f": {self.phrases.phrases['does_not_apply']}" if figure.is_known else ""
        return Step(
            id=id_,
            kind="charge",
            name=charge.rule_id,
            meaning=f"{title}{outcome}",
            **self.result(figure),
            law_ref=charge.law_ref,
            needed=needed,
            is_repeat=True,
        )

    def _definition(self, id_: str, found: CompiledDefinition, place: int | None) -> Step:
        definition = found.definition
        spot = Spot(id_, place, definition.law_ref, definition.rounding)
        meaning = definition.meaning.rstrip(".")
        figure = self.record.figure(definition.name, place)
        step = self.expression(
            spot, "definition", definition.name, meaning, definition.expression, figure=figure
        )
        exceptions = self.exceptions(spot, definition.unless)
        return msgspec.structs.replace(step, children=[*step.children, *exceptions]) if exceptions else step

    def _parameter(self, id_: str, name: str, place: int | None) -> Step:
        parameter, pack = self.record.parameter(name)
        key_name = parameter.by or parameter.by_prefix
        key_word = None if key_name is None else self.record.figure(key_name, place).text
        value = value_in_force(parameter, key_word, self.record.law_day())
        children = [] if key_name is None else [self.named(key_name, place)]
        if value is None:
            needed = self.phrases.render(
                "parameter_needed", name=name, day=render_day(self.record.law_day(), self.phrases.language)
            )
            first = pack.sources[parameter.values[0].source] if parameter.values else None
            return Step(
                id=id_,
                kind="parameter",
                name=name,
                meaning=parameter.meaning.rstrip("."),
                result=self.phrases.phrases["unknown"],
                law_ref=None if first is None else first.reference,
                source=self.phrases.of_law(pack.title) if first is None else first.title,
                is_known=False,
                needed=needed,
                children=children,
            )
        source = pack.sources[value.source]
        listed = self.list_text(name)
        result: dict[str, Any] = {"result": listed}
        if listed is None:
            result = self.result(self.record.figure(name, place))
        return Step(
            id=id_,
            kind="parameter",
            name=name,
            meaning=parameter.meaning.rstrip(".") + (f" ({value.key})" if value.key else ""),
            **result,
            law_ref=source.reference,
            source=source.title,
            source_address=source.address,
            valid_from=iso(value.valid_from),
            valid_to=iso(value.valid_to),
            children=children,
        )

    def _list_of_exclusion(self, id_: str, name: str) -> Step:
        """Return the step of a list that stands in an exclusion: codes, kinds of goods, documents."""
        listed = self.list_text(name)
        assert listed is not None
        rule_id = name.partition(":")[0]
        if rule_id == RESTRICTED:
            of_all = self.record.definitions["is_restricted"].definition
            titles = [pack.title for pack in self.record.program.packs if pack.exclusions]
            return Step(
                id=id_,
                kind="parameter",
                name=name,
                meaning=of_all.meaning,
                result=listed,
                law_ref=of_all.law_ref,
                source="; ".join(map(self.phrases.of_law, titles)),
            )
        pack, exclusion = next(
            (pack, one)
            for pack in self.record.program.packs
            for one in pack.exclusions
            if one.rule_id == rule_id
        )
        return Step(
            id=id_,
            kind="parameter",
            name=name,
            meaning=self.phrases.of_law(exclusion.sentence).rstrip(".。"),
            result=listed,
            law_ref=exclusion.law_ref,
            source=self.phrases.of_law(pack.title),
            valid_from=iso(pack.valid_from),
            valid_to=iso(pack.valid_to),
        )

    def list_text(self, name: str) -> str | None:
        """Return the text of a list parameter, its first entries; None for other names."""
        symbol = self.record.program.symbols.get(name)
        if symbol is None or not symbol.is_list:
            return None
        value = self.record.run.read(name)
        words = value.lists[int(value.data[0])] if value.lists else value.words
        words = tuple(word for word in words if OPENING_MARK not in word)
        shown = list(words[:LIST_SHOWN_MAX])
        if len(words) > LIST_SHOWN_MAX:
            shown.append(self.phrases.render("and_more", count=len(words) - LIST_SHOWN_MAX))
        return f"[{', '.join(shown)}]"

    # ---- formulas ----

    def expression(
        self, spot: Spot, kind: StepKind, name: str, meaning: str, text: str, *, figure: Figure | None = None
    ) -> Step:
        """Return the step of a formula. figure: as the record has it; None where it keeps no such part."""
        tree = formulas.parse(text)
        found = self.evaluate(tree, spot) if figure is None else figure
        children = distinct(self.parts(tree, spot))
        is_rounded = found.kind == "money" and formulas.rounds(tree)
        currency = found.currency or self.record.currency
        return Step(
            id=spot.id,
            kind=kind,
            name=name,
            meaning=meaning,
            formula=text,
            filled=self.fill(tree, spot),
            exact=self._exact_product(tree, spot) if is_rounded else None,
            rounding=render_rounding(spot.rounding, currency, self.phrases) if is_rounded else None,
            **self.result(found),
            law_ref=spot.law_ref,
            needed=None if found.is_known else needed_of(children) or self._not_given(text),
            children=children,
        )

    def _not_given(self, text: str) -> str | None:
        """Return the amounts that a law asks for and that are not given, though each is known: it is 0."""
        names = names_in(text)
        asked = [WORDS[name] for name, flag in NOTHING_UNLESS_GIVEN.items() if flag in names]
        said = [
            self.phrases.render("datum_needed", name=one.meaning.rstrip("."), pointer=one.pointer)
            for one in asked
        ]
        return "; ".join(said) or None

    def evaluate(self, tree: Any, spot: Spot) -> Figure:
        """Return the value of part of a formula where it stands."""
        return self.record.evaluate(formulas.write(tree), spot.rounding, spot.place)

    def fill(self, tree: Any, spot: Spot) -> str:
        """Return a formula with figures in the place of names."""

        def render_name(node: Any, place: int | None) -> str:
            if mentions(node, self.withheld):
                return self.phrases.phrases["withheld"]
            listed = self.list_text(node.name) if isinstance(node, exp.Column) else None
            at = spot.place if place is None else place
            return listed or render_bare(self.evaluate(node, replace(spot, place=at)), self.phrases)

        return formulas.fill(tree, self.record.item_count(), render_name, self.phrases)

    def _exact_product(self, tree: Any, spot: Spot) -> str | None:
        """Return amount x rate before rounding, where the whole formula is such a product."""
        root = formulas.bare(tree)
        if not isinstance(root, exp.Mul) or mentions(root, self.withheld):
            return None
        left, right = self.evaluate(root.this, spot), self.evaluate(root.expression, spot)
        money, rate = (left, right) if left.kind == "money" else (right, left)
        if money.kind != "money" or rate.kind != "rate" or not (money.is_known and rate.is_known):
            return None
        exact = Fraction(money.numerator * rate.numerator, rate.denominator)
        return render_exact_money(exact, money.currency or self.record.currency, self.phrases.language)

    def parts(self, tree: Any, spot: Spot) -> list[Step]:
        """Return the steps on which the value of a formula rests: where one operand decides, that one."""
        tree = formulas.bare(tree)
        if isinstance(tree, exp.Column):
            return [self.named(tree.name, spot.place)]
        if isinstance(tree, exp.And | exp.Or):
            return self._deciding(tree, spot)
        if isinstance(tree, exp.Case):
            return self._branch(tree, spot)
        if isinstance(tree, exp.Coalesce):
            return self._first_known(tree, spot)
        if isinstance(tree, formulas.AGGREGATES):
            return self._over_items(tree, spot)
        steps = [step for part in _arguments(tree) for step in self.parts(part, spot)]
        if isinstance(tree, exp.Anonymous):
            steps += self._looked_up(tree, spot.place)
            steps += self._of_other_items(tree, spot)
        return steps

    def condition(self, tree: Any, spot: Spot) -> Step:
        """Return the step of a condition that is part of the formula at a spot."""
        if isinstance(tree, exp.Column):
            return self.named(tree.name, spot.place)
        text = formulas.write(tree)
        part = replace(spot, id=f"{spot.id}.{formulas.slug(text)}")
        return self.expression(part, "condition", "", self._say_function(tree), text)

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

    def _deciding(self, tree: Any, spot: Spot) -> list[Step]:
        is_and = isinstance(tree, exp.And)
        every = list(formulas.operands(tree, type(tree)))
        pairs = [(one, self.evaluate(one, spot)) for one in every]
        # A known false decides AND, a known true decides OR; an unknown matters only where nothing decides.
        deciding = [one for one, figure in pairs if figure.is_known and figure.is_true() != is_and][:1]
        unknown = [one for one, figure in pairs if not figure.is_known]
        return [self.condition(one, spot) for one in deciding or unknown or every]

    def _branch(self, tree: Any, spot: Spot) -> list[Step]:
        steps: list[Step] = []
        for branch in tree.args["ifs"]:
            steps.append(self.condition(branch.this, spot))
            figure = self.evaluate(branch.this, spot)
            if not figure.is_known:
                return steps
            if figure.is_true():
                return steps + self.parts(branch.args["true"], spot)
        return steps + self.parts(tree.args["default"], spot)

    def _first_known(self, tree: Any, spot: Spot) -> list[Step]:
        steps: list[Step] = []
        for part in (tree.this, *tree.expressions):
            found = self.parts(part, spot)
            if self.evaluate(part, spot).is_known:
                return [without_need(step, self.phrases.phrases["none"]) for step in steps] + found
            steps += found
        return steps

    def _over_items(self, tree: Any, spot: Spot) -> list[Step]:
        """Return the steps of every item; where one item decides whether any or all are so, of that one."""
        places = list(range(self.record.item_count()))
        if isinstance(tree, exp.LogicalOr | exp.LogicalAnd):
            decides = isinstance(tree, exp.LogicalOr)
            figures = [self.evaluate(tree.this, replace(spot, place=place)) for place in places]
            deciding = [at for at in places if figures[at].is_known and figures[at].is_true() == decides][:1]
            places = deciding or [at for at in places if not figures[at].is_known] or places
        return [
            self.of_item(step, at) for at in places for step in self.parts(tree.this, replace(spot, place=at))
        ]

    def _of_other_items(self, tree: Any, spot: Spot) -> list[Step]:
        """Return what a function reads of the consignment's other items; of many items only the unknown."""
        count = self.record.item_count()
        if spot.place is None or tree.name.upper() not in ("FILL_WHOLE_UNITS", "SHARE_OUT"):
            return []
        steps: list[Step] = []
        for part in _arguments(tree):
            places: Iterable[int] = range(count)
            if count > formulas.FIGURES_MAX:
                unknown = self.record.unknown_places(formulas.write(part), spot.rounding)
                places = unknown[: formulas.FIGURES_MAX]
            for place in places:
                if place != spot.place:
                    found = self.parts(part, replace(spot, place=place))
                    steps += [self.of_item(step, place) for step in found]
        return steps

    def _looked_up(self, tree: Any, place: int | None) -> list[Step]:
        name = tree.name.upper()
        if name == "TARIFF_DUTY" and len(tree.expressions) == 1:
            return [self.explain_word(self, "__tariff_duty", place)]
        if name == "IN_CURRENCY":
            return [self.explain_word(self, f"__rate_{tree.expressions[1].this}", place)]
        return []

    # ---- choices ----

    def choice(self, spot: Spot, name: str, meaning: str, choice: CompiledChoice, chosen: int | None) -> Step:
        """Return the step of a table read from the top: its rows down to the one that held.

        chosen: number of the row as recorded, -1 undecided; None where the record keeps the code alone.
        """
        rows: list[Step] = []
        held = -1
        for number, (_, condition, _) in enumerate(choice.rows):
            figure = self.record.evaluate(condition.text, NO_ROUNDING, spot.place)
            rows.append(self._row(spot, number, choice))
            if figure.is_true() or not figure.is_known:
                # What is unknown might have held: nothing below it is asked.
                held = number if figure.is_true() else -1
                break
        assert chosen is None or chosen == held, spot.id
        is_known = held >= 0
        code, _, row = choice.rows[max(held, 0)]
        return Step(
            id=spot.id,
            kind="choice",
            name=name,
            meaning=meaning,
            result=self.phrases.roles.get(code, code) if is_known else self.phrases.phrases["unknown"],
            law_ref=(row.law_ref if is_known else None) or spot.law_ref or self.base_reference(),
            is_known=is_known,
            needed=None if is_known else needed_of(rows),
            children=rows,
        )

    def _table(self, id_: str, name: str, place: int | None) -> Step:
        """Return the step of a law's table of reliefs or of data sets."""
        program = self.record.program
        if place is None:
            choice, meaning = program.declaration_form, self.phrases.phrases["form"]
        else:
            number = int(self.record.run.items.numbers("sequence_number")[place])
            choice, meaning = program.relief, self.phrases.render("relief", item=number)
        if not choice.rows:  # a law without such a table has nothing to choose
            return Step(
                id=id_, kind="choice", name=name, meaning=meaning, result=self.phrases.phrases["none"]
            )
        step = self.choice(Spot(id_, place, None), name, meaning, choice, None)
        recorded = self.record.figure(name, place)
        assert step.is_known == recorded.is_known, id_
        assert not step.is_known or step.result == recorded.text, id_
        return step

    def _row(self, spot: Spot, number: int, choice: CompiledChoice) -> Step:
        code, condition, row = choice.rows[number]
        law_ref = row.law_ref or spot.law_ref or self.base_reference()
        label = f"{self.phrases.render('row', number=number + 1)}: {code}"
        id_ = f"{spot.id}.row-{number + 1}"
        if condition.text == "TRUE":
            return Step(
                id=id_,
                kind="row",
                name=code,
                meaning=f"{label}, {self.phrases.phrases['otherwise']}",
                result=self.phrases.phrases["held"],
                law_ref=law_ref,
            )
        step = self.expression(Spot(id_, spot.place, law_ref), "row", code, label, condition.text)
        if not step.is_known:
            return step
        outcome = "held" if step.result == self.phrases.phrases["yes"] else "did_not_hold"
        return msgspec.structs.replace(step, result=self.phrases.phrases[outcome])

    def base_reference(self) -> str:
        """Return the name of the law, for a row of a table that names no article."""
        return self.phrases.of_law(self.record.program.base.title)

    # ---- results ----

    def result(self, figure: Figure) -> dict[str, Any]:
        """Return the fields of a step that hold its result."""
        fields: dict[str, Any] = {"result": render_figure(figure, self.phrases)}
        if figure.kind == "code" and figure.is_known:
            # Several codes in one text may be none.
            fields["result"] = figure.text or self.phrases.phrases["none"]
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
            return None if value.value is None else value
    return None
