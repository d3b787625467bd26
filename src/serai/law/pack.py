"""The pack format `serai-pack/1`: what a lawyer writes in `laws/<code>/pack.yaml`, decoded into structs.

Every amount, rate and date that the law may change is a dated parameter with a source. Conditions and
amounts are SQL expressions over the vocabulary (`law/vocabulary.py`) and over the pack's own parameters and
definitions. Nothing here computes.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from serai.model.debtors import Debtor

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,47}$")]
PackCode = Annotated[str, Meta(pattern=r"^[A-Z]{2}[A-Z0-9-]{1,30}$")]
RuleId = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Text = Annotated[str, Meta(min_length=1, max_length=4_000)]
"""The article's own words, as the source has them."""
DocumentsTogether = Annotated[str, Meta(pattern=r"^[A-Z0-9-]{1,35}( \+ [A-Z0-9-]{1,35})*$")]
"""Codes of documents that are needed beside each other: `911`, `911 + 851`."""
Expression = Annotated[str, Meta(min_length=1, max_length=2_000)]
CountryCode = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
CurrencyCode = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
Measure = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,47}$")]
TerritoryCode = Annotated[str, Meta(pattern=r"^[A-Z]{2,6}(-[A-Z0-9]{1,6})?$")]

_IDENTIFIER = r"^([0-9]{5}[A-Z]{1,2}[0-9]{4}(\([0-9]{2}\))?|https?://data\.[a-z.]+/eli/.+)$"
"""A CELEX number, or an ELI."""
Level = Literal["consignment", "item"]
Kind = Literal["money", "rate", "count", "mass", "date", "code", "flag"]
RoundingModeName = Literal["half_up", "half_even", "down", "up"]
DirectionCode = Literal["IM", "EX", "CO", "TR"]
MomentName = Literal[
    "purchased", "paid", "exported", "lodged", "presented", "accepted", "arrived", "released"
]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a pack; an unknown key is an error with its line."""


class Source(_Part, frozen=True, kw_only=True):
    """Where a fact stands: the law's own text reference, and where it can be read.

    act, article, dated: the act by name, its article and its day, where one act is meant. identifier: its
    CELEX number or ELI, where it has one. language: of the text that was read (ISO 639-1). read_on: when.
    """

    title: str
    reference: str | None = None
    act: str | None = None
    article: str | None = None
    dated: dt.date | None = None
    identifier: Annotated[str, Meta(pattern=_IDENTIFIER)] | None = None
    language: Annotated[str, Meta(pattern=r"^[a-z]{2}$")] | None = None
    address: str | None = None
    read_on: dt.date | None = None
    confidence: Literal["sourced", "partly", "from-general-knowledge"] = "sourced"


class Rounding(_Part, frozen=True, kw_only=True):
    """How a result becomes whole: to a multiple of `unit_minor` minor units, once."""

    mode: RoundingModeName = "half_up"
    unit_minor: Annotated[int, Meta(ge=1)] = 1


class DatedValue(_Part, frozen=True, kw_only=True):
    """A value in force on the days from valid_from (inclusive) to valid_to (exclusive; null is open).

    A value of null says that on these days the law gives none, or that nobody found it: it is unknown.
    """

    valid_from: dt.date
    valid_to: dt.date | None
    value: int | str | bool | list[str] | None
    source: str
    key: str | None = None


class Parameter(_Part, frozen=True, kw_only=True):
    """A named value of the law.

    In a pack a rate is written `20 %`, money `150.00 EUR`, mass `2 kg` or `500 g`, a date 2026-07-01; read,
    they are parts per million, minor units of `currency`, grams and ISO text. currency: only where no amount
    names it. `by`: vocabulary code that picks the key.
    `by_prefix`: likewise, the longest key that the code begins with.

    kind `code` with a list of texts is a list of code prefixes for STARTS_WITH_ANY or exact codes for
    IN_LIST. No value at all: the law has one and nobody found it, so that it is unknown on every day.
    """

    name: Name
    kind: Kind
    meaning: str
    values: list[DatedValue]
    currency: CurrencyCode | None = None
    by: Name | None = None
    by_prefix: Name | None = None
    is_list: bool = False


class Conversion(_Part, frozen=True, kw_only=True):
    """Which published rate turns foreign amounts into the pack's currency.

    The first of a pack gives `line_value`; another one, named `sale`, gives `line_value_sale`.
    """

    name: Name
    table: str
    moment: MomentName
    fallback_moment: MomentName | None = None
    rounding: Rounding = Rounding()
    source: str


class Unless(_Part, frozen=True, kw_only=True):
    """An exception beside a rule: where it holds, the rule does not. Unknown, it leaves the rule unknown.

    meaning: in words of the law; without it those of the word that `when` names.
    """

    when: Expression
    law_ref: str
    meaning: str | None = None


def _without(condition: str, exceptions: Sequence[Unless]) -> str:
    """Return a condition that holds only where none of the exceptions does."""
    parts = [f"NOT ({one.when})" for one in exceptions]
    is_always = condition.upper() == "TRUE"
    return " AND ".join(parts if parts and is_always else [f"({condition})", *parts]) if parts else condition


class Definition(_Part, frozen=True, kw_only=True):
    """A named amount, rate, count or condition, in words of the law.

    Products of money and a rate are rounded by `rounding`. unless: of a condition, its exceptions.
    """

    name: Name
    level: Level
    value: Expression
    meaning: str
    law_ref: str
    text: Text | None = None
    unless: list[Unless] = []
    rounding: Rounding = Rounding()

    @property
    def expression(self) -> str:
        """The value, of a condition without its exceptions."""
        return _without(self.value, self.unless)


class Choice(_Part, frozen=True, kw_only=True):
    """One row of a table read from the top: the first row whose condition holds gives the code."""

    code: str
    when: Expression = "TRUE"
    unless: list[Unless] = []
    rule_id: RuleId | None = None
    law_ref: str | None = None

    @property
    def condition(self) -> str:
        """When the row holds, without its exceptions."""
        return _without(self.when, self.unless)


class DebtorChoice(Choice, frozen=True, kw_only=True):
    """Who owes a charge under a condition."""

    code: Debtor


class ConsignmentTotal(_Part, frozen=True, kw_only=True):
    """What the consignment owes under a charge of its items, where the law rounds or computes there and not
    for each item.

    Items show their own part, uncut; the difference stands in a row of its own, `<rule_id>-rounding`, so
    that the rows of a bill add up. amount: default is the sum of the items' charges; it must speak only of
    items the charge falls on.
    """

    rounding: Rounding
    amount: Expression | None = None


class Charge(_Part, frozen=True, kw_only=True):
    """What is owed: `base` x `rate`, or `amount`; a `base` beside an `amount` is shown with it.

    item: goods item or consignment level. order: lower is computed first.

    kind claim: money the law gives a right to ask back; it is shown and never summed into what is due.
    Charges with `is_in_tax_base` are summed into `charges_in_tax_base`, which a tax's base may name.
    """

    rule_id: RuleId
    tax_type_code: str
    kind: Literal["duty", "tax", "excise", "fee", "claim"]
    level: Level
    title: str
    when: Expression = "TRUE"
    unless: list[Unless] = []
    law_ref: str
    text: Text | None = None
    due: Literal["border", "sale", "buyer_return", "none"] | list[Choice]
    debtor: list[DebtorChoice]
    base: Expression | None = None
    rate: Expression | None = None
    amount: Expression | None = None
    currency: CurrencyCode | None = None
    is_in_tax_base: bool = False
    is_waived_when: Expression | None = None
    rounding: Rounding = Rounding()
    total: ConsignmentTotal | None = None
    method_of_payment_code: str | None = None

    @property
    def condition(self) -> str:
        """When the charge falls, without its exceptions."""
        return _without(self.when, self.unless)


class Reason(_Part, frozen=True, kw_only=True):
    """A rule that speaks: a bit in the decision's reasons.

    audience public: everyone concerned reads it; officer: only officers.

    Of an officer's rule the others read `public_sentence` (true, and short of what may be withheld),
    `remedy` and `appeal`, and never its name; `withheld_ground` is the law that permits the withholding,
    and is recorded with the decision.
    """

    rule_id: RuleId
    level: Level
    when: Expression = "TRUE"
    unless: list[Unless] = []
    law_ref: str
    text: Text | None = None
    lane: Literal["proceed", "await", "review", "examine", "refuse"] = "proceed"
    audience: Literal["public", "officer"] = "public"
    sentence: str
    remedy: str | None = None
    appeal: str | None = None
    pointer: str | None = None
    public_sentence: str | None = None
    withheld_ground: str | None = None

    @property
    def condition(self) -> str:
        """When the rule speaks, without its exceptions."""
        return _without(self.when, self.unless)


class Checksum(_Part, frozen=True, kw_only=True):
    """How a number checks itself: each digit times its weight, the sum divisible by `modulus`.

    weights: of all digits, the check digit's among them; a shorter number is filled with zeros on the left.
    first_digit_less: taken off the first digit before. weights_if_ten: used where `weights` would ask for a
    check digit of ten.
    """

    weights: Annotated[list[int], Meta(min_length=2, max_length=30)]
    modulus: Annotated[int, Meta(ge=2, le=1_000)]
    first_digit_less: Annotated[int, Meta(ge=0, le=9)] = 0
    weights_if_ten: list[int] | None = None


class Registration(_Part, frozen=True, kw_only=True):
    """A scheme number's shape: pattern, and the check where one is published. `register` names the list that
    knows who is in.
    """

    kind: str
    title: str
    pattern: str
    check: Checksum | Literal["none"] | None = None
    register: str | None = None
    source: str


class AdditionalProcedure(_Part, frozen=True, kw_only=True):
    """An additional procedure code that the pack knows: a rule of it reads the code, or it changes nothing
    beside what the pack computes anyway. Whoever asks for another one is told that it is not known here.
    """

    code: str
    meaning: str
    source: str


class Requirement(_Part, frozen=True, kw_only=True):
    """A datum or document the law asks for, and the lane when it is missing. `until_days` after acceptance:
    when time runs out.
    """

    rule_id: RuleId
    level: Level
    when: Expression = "TRUE"
    unless: list[Unless] = []
    is_there: Expression
    datum: str
    pointer: str
    lane: Literal["proceed", "await", "review", "refuse"]
    law_ref: str
    text: Text | None = None
    sentence: str
    remedy: str
    valid_from: dt.date | None = None

    @property
    def condition(self) -> str:
        """When the datum is asked for, without the exceptions."""
        return _without(self.when, self.unless)


class Exclusion(_Part, frozen=True, kw_only=True):
    """Goods that may not come in at all, or only with a document. Gives the word `is_restricted`: an
    exclusion of some pack speaks of the item, whether or not its document is there.

    Goods are meant by their code or by their description. prefixes: of commodity codes; other_prefixes: of
    those below them that are not meant. kinds: of the table of kinds of goods (tables/goods_kinds.yaml).
    when: the flows it speaks of. agency: who decides on the document. opened_by_document_codes: any one of
    them will do; `911 + 851` are two that only both will do. bars_reduced_data: a prohibition or restriction,
    so that `is_restricted` holds; not so where the goods only have to be safe or to travel safely.
    """

    rule_id: RuleId
    prefixes: list[str] = []
    lane: Literal["await", "review", "examine", "refuse"]
    law_ref: str
    text: Text | None = None
    sentence: str
    remedy: str
    appeal: str | None = None
    agency: str | None = None
    other_prefixes: list[str] = []
    kinds: list[str] = []
    when: Expression = "TRUE"
    opened_by_document_codes: list[DocumentsTogether] = []
    bars_reduced_data: bool = True

    @property
    def document_sets(self) -> tuple[tuple[str, ...], ...]:
        """The documents that open the way, those that only do so together in one tuple."""
        return tuple(tuple(one.split(" + ")) for one in self.opened_by_document_codes)


OPENING_MARK: Final = "@"
"""Between a rule and a kind of document that opens it alone, in the documents of an item."""


def opening_code(rule_id: str, document_code: str) -> str:
    """Return the code by which a document opens one rule alone, whatever else asks for its kind."""
    return f"{rule_id}{OPENING_MARK}{document_code}"


class TimeLimits(_Part, frozen=True, kw_only=True):
    """Days the law allows; a finding comes `warn_days` before one ends.

    amend_until: the last state in which an amendment is an act.
    """

    prelodged_valid_days: int | None = None
    temporary_storage_days: int | None = None
    warn_days: int = 2
    amend_until: Literal["arrived", "released"] = "released"
    source: str


class TariffRate(_Part, frozen=True, kw_only=True):
    """A word for the ad valorem rate of a measure of the tariff: of goods items, unknown where no line fits.

    What stands beside the ordinary duty or is no plain rate is an amount: TARIFF_DUTY(value, word).
    territory: whose tariff is asked, where it is not that of the destination: a law may weigh the duties of
    two territories.
    """

    name: Name
    measure: Measure
    meaning: str
    territory: TerritoryCode | None = None


class Allowance(_Part, frozen=True, kw_only=True):
    """What a buyer may draw in a period. Gives the words `allowance_used`, what was drawn before this
    consignment, and `allowance_used_after`.

    kind money: minor units of the law's currency; count: consignments or pieces. per: calendar period, local
    time, of the day that picks the law. draws: what this consignment draws. is_given_back: a consignment that
    is withdrawn and goods that go back free what they drew. reopens_earlier: a later consignment changes what
    was decided on earlier ones of the period.
    """

    kind: Literal["money", "count"]
    per: Literal["day", "month", "quarter", "half_year", "year"]
    draws: Expression
    is_given_back: bool
    law_ref: str
    reopens_earlier: bool = False


class Aggregation(_Part, frozen=True, kw_only=True):
    """Which consignments of a day count together: those that have `together` in common. Gives the word
    `same_day_value`, the value of the others.

    value: what of each is summed, an amount of the consignment. moment: whose day counts, the fallback's
    where it is not stated. reopens_earlier: a later consignment changes what was decided on earlier ones of
    the day.
    """

    together: Annotated[list[Literal["consignee", "consignor", "seller", "order"]], Meta(min_length=1)]
    moment: MomentName
    fallback_moment: MomentName | None = None
    value: Expression
    law_ref: str
    reopens_earlier: bool = False


class Matching(_Part, frozen=True, kw_only=True):
    """How far documents of one consignment may differ and still belong together, in some channels and days.

    channels: the only ones it speaks of; empty: every one. rounding_minor: by so many minor units two sums of
    one sale may differ without a word. amount_tolerance_ppm: by so much more with a remark; above, they
    contradict each other. exchange_drift_ppm: likewise of two currencies, at the published rate. late_days: a
    payment later after the purchase is remarked on. apart_days: documents further apart are of two
    consignments. mass_tolerance_ppm, mass_tolerance_g: the larger of the two. joined_score_ppm: of a
    candidate without an exact number, to be joined; possible_score_ppm: to be offered to a person.
    """

    channels: list[str] = []
    valid_from: dt.date
    valid_to: dt.date | None
    rounding_minor: Annotated[int, Meta(ge=0, le=10_000)]
    amount_tolerance_ppm: Annotated[int, Meta(ge=0, le=1_000_000)]
    exchange_drift_ppm: Annotated[int, Meta(ge=0, le=1_000_000)]
    late_days: Annotated[int, Meta(ge=0, le=3_650)]
    apart_days: Annotated[int, Meta(ge=1, le=3_650)]
    mass_tolerance_ppm: Annotated[int, Meta(ge=0, le=1_000_000)]
    mass_tolerance_g: Annotated[int, Meta(ge=0, le=1_000_000)]
    joined_score_ppm: Annotated[int, Meta(ge=500_000, le=1_000_000)]
    possible_score_ppm: Annotated[int, Meta(ge=0, le=1_000_000)]
    source: str


class Suspension(_Part, frozen=True, kw_only=True):
    """Days, valid_from inclusive to valid_to exclusive, on which the pack is law and not applied."""

    valid_from: dt.date
    valid_to: dt.date | None
    source: str


class Ground(_Part, frozen=True, kw_only=True):
    """A source of what is no value and no rule of the pack.

    of: its first or last day, the moment that picks it, its tariff, the codes of documents, or what it leaves
    out on purpose.
    """

    of: Literal["valid_from", "valid_to", "law_moment", "tariff", "documents", "left_out"]
    source: str


class Pack(_Part, frozen=True, kw_only=True):
    """One version of one law in one slot (jurisdiction, channel, procedure, layer).

    layer: `base` stands alone, every other lies over a base. currency: null in a layer is that of the base.
    channels: the only ones it governs. matching: those of a base go before those of what
    lies over it. procedures: the only requested ones; a base without the key governs release for free
    circulation (40) alone, a layer without it lies over every base. directions: of a base, the only ones it
    governs; without the key import (IM). tariff_extent: whether the pack's tariff.csv has every line of its
    tariff or is an extract: below a code shorter than its lines an extract proves nothing. verified_until:
    the last day on which a source shows it in force; after it the law is not confirmed.
    """

    format: Literal["serai-pack/1"]
    code: PackCode
    title: str
    jurisdiction: str
    layer: Name
    status: Literal["in_force", "ended", "planned", "draft"]
    confidence: Literal["sourced", "partly", "from-general-knowledge"]
    valid_from: dt.date
    valid_to: dt.date | None
    verified_until: dt.date | None = None
    currency: CurrencyCode | None
    law_moment: MomentName
    sources: dict[str, Source]
    grounds: list[Ground] = []
    channels: list[str] = []
    procedures: list[str] = []
    directions: list[DirectionCode] = []
    additional_procedures: list[AdditionalProcedure] = []
    revision: Annotated[int, Meta(ge=1)] = 1
    known_from: dt.date | None = None
    suspended: list[Suspension] = []
    time_zone: str | None = None
    conversions: list[Conversion] = []
    apportionment: Literal["half_up_last_takes_rest", "largest_remainder"] = "half_up_last_takes_rest"
    parameters: list[Parameter] = []
    tariff_rates: list[TariffRate] = []
    allowance: Allowance | None = None
    aggregation: Aggregation | None = None
    definitions: list[Definition] = []
    relief: list[Choice] = []
    declaration_form: list[Choice] = []
    charges: list[Charge] = []
    reasons: list[Reason] = []
    registrations: list[Registration] = []
    requirements: list[Requirement] = []
    exclusions: list[Exclusion] = []
    time_limits: TimeLimits | None = None
    matching: list[Matching] = []
    tariff_extent: Literal["partial", "whole"] = "partial"
    open_questions: list[str] = []
