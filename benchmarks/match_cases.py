"""Invented orders, payments, transport documents and declarations whose cases are known: what matching is
measured on.

Most cases are plain: four documents that agree. A share is disturbed, each in one way that has a name and
says which difference is to be found; some in two. Among the plain ones are pairs made to mislead: one buyer,
one price, one day, neighbouring numbers. Nothing here knows a limit of the matcher: sizes of disturbances are
an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from serai.journey.matching.numbers import FORMS, number_forms
from serai.model.columns import Coded, Frame
from serai.model.frames import ABSENT
from serai.model.names.tokens import name_tokens, spell_plainly

DECLARED, ORDERED, PAID, CARRIED = 1, 2, 3, 4
UCR, HOUSE, ORDER, PAYMENT = 1, 2, 3, 4
DAY_MS = 86_400_000
FIRST_DAY = 20_500  # 16 February 2026
DAYS = 75


class Sizes(NamedTuple):
    """How large disturbances are: ranges, both ends included."""

    coupon_percent: tuple[int, int]
    subsidy_percent: tuple[int, int]
    drift_ppm: tuple[int, int]
    rounding_minor: tuple[int, int]
    late_days: tuple[int, int]
    declared_percent: tuple[int, int]
    paid_percent: tuple[int, int]
    mass_percent: tuple[int, int]
    extra_pieces: tuple[int, int]


SEEN_SIZES = Sizes((5, 30), (5, 25), (1_000, 25_000), (1, 3), (10, 30), (30, 80), (40, 85), (40, 75), (1, 5))
"""What the matcher was built with."""
UNSEEN_SIZES = Sizes((2, 60), (2, 45), (300, 45_000), (1, 6), (5, 50), (15, 92), (20, 95), (20, 85), (1, 12))
"""What only the figures in the documents are made with."""

# A name, and ways in which registers, passports and shops write it.
# ruff: noqa: E501, RUF001
FIRST_NAMES = """Mohammed,Muhammad,Mohamed,محمد|Ahmed,Ahmad,أحمد|Yuliya,Julia,Юлия|Sergey,Sergei,Сергей
Aleksandr,Alexander,Александр|Yelena,Elena,Елена|Dmitry,Dmitri,Дмитрий|Ekaterina,Yekaterina,Екатерина|Wei,伟|Xiaoming,小明
Li Na,李娜|Jing,静|Hiroshi,浩|Yuko,優子|Minjun,Min-jun,민준|Seoyeon,Seo-yeon,서연|Georgios,George,Γεώργιος|Eleni,Ελένη
Jose,José|Maria,María|Andre,André|Francois,François|Jorg,Jörg,Joerg|Jurgen,Jürgen,Juergen|Bjorn,Björn|Soren,Søren
Zoe,Zoë|Renee,Renée|Lukasz,Łukasz|Zofia|Tomas,Tomáš|Katerina,Kateřina|Nguyen,Nguyễn|Anh|Priya,प्रिया|Rahul,राहुल
John|Emma|Oliver|Charlotte|James|Sophie|Thomas|Laura|Daniel|Hannah|Peter|Anna|Paul|Clara|Marc,Mark|Nicolas,Nikolas
Fatima,Fatma,فاطمة|Yusuf,Youssef,يوسف|Ibrahim,إبراهيم|Leila,Layla,ليلى|Giulia|Matteo|Chiara|Lars|Ingrid|Sean,Seán
Stephen,Steven|Philip,Filip|Catherine,Katherine|Theresa,Teresa|Amelie,Amélie|Ines,Inês|Goncalo,Gonçalo|Noemi,Noémi"""
LAST_NAMES = """Muller,Müller,Mueller|Schafer,Schäfer,Schaefer|Weiss,Weiß|Schmidt|Fischer|Wagner|Hoffmann,Hofmann|Becker
Ivanova,Иванова|Petrov,Петров|Kuznetsov,Кузнецов|Sokolova,Соколова|Popov,Попов|Zhang,张|Wang,王|Liu,刘|Chen,陈|Yang,杨
Tanaka,田中|Suzuki,鈴木|Yamamoto,山本|Kim,김|Park,박|Lee,이|Papadopoulos,Παπαδόπουλος|Nikolaidis,Νικολαΐδης
Garcia,García|Fernandez,Fernández|Lopez,López|Gonzalez,González|Munoz,Muñoz|Peña,Pena|Dupont|Lefevre,Lefèvre
Moreau|Leroy|Bernard|Hansen|Sorensen,Sørensen|Andersson|Lindstrom,Lindström|Novak,Novák|Dvorak,Dvořák|Kowalski
Wisniewski,Wiśniewski|Wojcik,Wójcik|Tran,Trần|Pham,Phạm|Sharma,शर्मा|Patel,पटेल|Khan,خان|Hussein,Husain,حسين
Smith|Jones|Taylor|Brown|Wilson|Davies|Evans|Thompson,Thomson|Walker|Wright|OBrien,O'Brien|McDonald,MacDonald
Rossi|Russo|Ferrari|Esposito|Bianchi|Silva|Santos|Oliveira|Costa|Van Dijk,van Dijk|De Vries,de Vries|Jansen,Janssen
Yilmaz,Yılmaz|Demir|Celik,Çelik|Ozturk,Öztürk|Horvath,Horváth|Szabo,Szabó|Kovacs,Kovács|Ionescu|Popescu|Dimitrov"""
CURRENCIES = ("EUR", "USD", "GBP", "AUD", "CNY", "JPY")
IN_EUR_PPM = {
    "EUR": 1_000_000,
    "USD": 921_000,
    "GBP": 1_165_000,
    "AUD": 601_000,
    "CNY": 128_000,
    "JPY": 615_000,
}
"""Minor units of euro for a million minor units, about; yen have no smaller unit."""
UNITS = ("C62", "KGM")

EXPECTED = {
    "coupon": "paid-less-by-coupon",
    "subsidy": "paid-less-by-subsidy",
    "freight in the declared price": "freight-in-declared-price",
    "freight paid apart": "freight-paid-apart",
    "tax paid apart": "tax-paid-apart",
    "split payment": "paid-in-parts",
    "one payment for two orders": "paid-with-other-orders",
    "order in two parcels": "order-in-several-parcels",
    "two orders in one parcel": "orders-in-one-parcel",
    "other currency, rate of another day": "exchange-rate-drift",
    "rounding": "rounded-differently",
    "name in another order": "name-written-otherwise",
    "name in another script or spelling": "name-written-otherwise",
    "order and payment number swapped": "number-in-wrong-field",
    "house document in the field of the UCR": "number-in-wrong-field",
    "number written otherwise": "number-written-otherwise",
    "two signs of a number swapped": "number-mistyped",
    "one sign of a number wrong": "number-mistyped",
    "late payment": "paid-late",
    "pieces against kilograms": "counted-and-weighed",
    "order missing": "order-awaited",
    "payment missing": "payment-awaited",
    "transport document missing": "transport-document-awaited",
    "declaration missing": "declaration-awaited",
    "declared too low": "declared-amount-differs",
    "paid too little": "paid-amount-differs",
    "other mass": "mass-differs",
    "other person on the waybill": "person-differs",
    "other count of pieces": "quantity-differs",
}
"""Disturbances, and the difference that is to be named."""
_SECOND = ("name in another order", "late payment", "other mass")
"""What may be wrong beside another disturbance: one in nine of those below has one of these as well."""
_MAY_BE_SECOND_TO = (
    "coupon",
    "subsidy",
    "freight in the declared price",
    "tax paid apart",
    "rounding",
    "order and payment number swapped",
    "number written otherwise",
    "declared too low",
)
_OF_TWO = ("one payment for two orders", "two orders in one parcel")


@dataclass
class Cases:
    """Documents with their truth. truth: number of the case of each document. disturbances: name by place in
    EXPECTED of each case, -1 plain; second: likewise of a second one. is_misleading: case is one of a misleading pair.

    texts: of the first documents as a person would read them, for programs that compare text.
    """

    documents: Frame
    numbers: Frame
    truth: Any
    disturbance_of_case: Any
    second_of_case: Any
    is_misleading: Any
    texts: dict[str, list[str]] = field(default_factory=dict)


def factor(currency: str, day: int) -> tuple[int, int] | None:
    """Rates of exchange into euro that move from day to day by some tenths of a percent."""
    base = IN_EUR_PPM.get(currency)
    if base is None:
        return None
    wave = 0 if currency == "EUR" else ((day * 7_919 + base) % 17 - 8) * 300
    return base * (1_000_000 + wave) // 1_000_000, 1_000_000


def make_cases(
    case_count: int,
    *,
    seed: int,
    sizes: Sizes,
    hash_texts: Callable[[list[bytes]], Any],
    disturbed_percent: int = 5,
    with_texts: bool = False,
) -> Cases:
    """Invent cases. Equal arguments give equal cases."""
    return _Maker(case_count, seed, sizes, disturbed_percent).make(hash_texts, with_texts)


def save_cases(cases: Cases, file: Path) -> None:
    """Write cases, without texts."""
    columns: dict[str, Any] = {}
    for kind, frame in (("documents", cases.documents), ("numbers", cases.numbers)):
        for name, column in frame.columns.items():
            columns[f"{kind}.{name}"] = column.codes if isinstance(column, Coded) else column
            if isinstance(column, Coded):
                columns[f"{kind}.{name}.words"] = np.array(column.words)
    columns |= {
        name: getattr(cases, name)
        for name in ("truth", "disturbance_of_case", "second_of_case", "is_misleading")
    }
    np.savez(file, **columns)


def load_cases(file: Path) -> Cases:
    """Read what `save_cases` wrote."""
    with np.load(file) as stored:
        arrays = dict(stored)
    frames: dict[str, dict[str, Any]] = {"documents": {}, "numbers": {}}
    for name, column in arrays.items():
        kind, _, rest = name.partition(".")
        if rest and not rest.endswith(".words"):
            words = arrays.get(f"{name}.words")
            frames[kind][rest] = column if words is None else Coded(tuple(words.tolist()), column)
    documents, numbers = (Frame(len(next(iter(columns.values()))), columns) for columns in frames.values())
    return Cases(
        documents,
        numbers,
        *(arrays[one] for one in ("truth", "disturbance_of_case", "second_of_case", "is_misleading")),
    )


class _Maker:
    def __init__(self, case_count: int, seed: int, sizes: Sizes, disturbed_percent: int) -> None:
        self.n, self.sizes = case_count, sizes
        self.rng = np.random.default_rng(seed)
        self.first = [one.split(",") for one in FIRST_NAMES.replace("\n", "|").split("|")]
        self.last = [one.split(",") for one in LAST_NAMES.replace("\n", "|").split("|")]
        self.truth = np.arange(case_count)
        self.disturbance = np.full(case_count, -1)
        self.second = np.full(case_count, -1)
        self.is_misleading = np.zeros(case_count, dtype=bool)
        self.texts: list[str] = []
        self._draw_sales()
        self._mislead()
        self._draw_numbers()
        self._lay_out()
        self._disturb(disturbed_percent)

    def between(self, low_high: tuple[int, int], count: int) -> Any:
        return self.rng.integers(low_high[0], low_high[1] + 1, count)

    # ---- plain sales ----

    def _draw_sales(self) -> None:
        n, rng = self.n, self.rng
        self.currency = rng.choice(len(CURRENCIES), n, p=[0.45, 0.2, 0.15, 0.05, 0.1, 0.05])
        self.goods = np.clip(rng.lognormal(8.0, 0.9, n).astype(np.int64), 250, 400_000)
        self.has_freight = rng.random(n) < 0.6
        self.freight = np.where(self.has_freight, rng.integers(30, 200, n) * 10 - rng.integers(0, 2, n), 0)
        self.tax = np.where(rng.random(n) < 0.3, self.goods * 20 // 100, 0)
        self.discount = np.where(rng.random(n) < 0.05, self.goods * rng.integers(3, 20, n) // 100, 0)
        self.day = FIRST_DAY + rng.integers(0, DAYS, n)
        self.pieces = rng.integers(1, 9, n)
        self.mass = rng.integers(60, 4_000, n)
        self.packages = np.where(rng.random(n) < 0.9, 1, 2)
        self.given = rng.integers(0, len(self.first), n)
        self.family = rng.integers(0, len(self.last), n)
        self.phone = rng.integers(10**8, 10**9, n)
        self.has_phone = rng.random(n) < 0.7
        self.platform = rng.integers(1, 9, n)

    def _mislead(self) -> None:
        """Pairs of neighbours: one buyer, price, day, platform."""
        rows = np.flatnonzero(self.rng.random(self.n - 1) < 0.02)
        rows = rows[np.append(True, np.diff(rows) > 1)] if len(rows) else rows
        for name in [
            "currency",
            "goods",
            "freight",
            "has_freight",
            "tax",
            "discount",
            "day",
            "pieces",
            "mass",
            "packages",
            "given",
            "family",
            "phone",
            "has_phone",
            "platform",
        ]:
            column = getattr(self, name)
            column[rows + 1] = column[rows]
        self.is_misleading[rows] = self.is_misleading[rows + 1] = True

    # ---- numbers ----

    def _draw_numbers(self) -> None:
        """Numbers count on within each platform and carrier, as they do in life."""
        n = self.n
        at = np.arange(n)
        styles = self.platform % 4
        self.order_texts, self.house_texts, self.payment_texts, self.ucr_texts = [], [], [], []
        for i, (style, platform, day) in enumerate(
            zip(styles.tolist(), self.platform.tolist(), self.day.tolist(), strict=True)
        ):
            self.order_texts.append(
                f"{platform}{20_260_000_000_000 + i}"
                if style == 0
                else f"{110 + platform}-{3_000_000 + i * 7 % 6_999_983:07d}-{1_000_000 + i * 13 % 8_999_993:07d}"
                if style == 1
                else f"EC{platform}-2026-{i:09d}"
                if style == 2
                else f"{platform}00{day}{8_800_000_000 + i}"
            )
            serial = 10_000_000 + i % 90_000_000
            letters = "LP" if i % 3 else "CX"
            self.house_texts.append(
                f"{letters}{serial:08d}{_s10_check(serial)}CN" if i % 4 else f"{7_000_000_000 + i * 11}"
            )
            self.payment_texts.append(f"{day}{4_200_000_000_000_000 + i * 3}")
            self.ucr_texts.append(f"6CN{91_440_000_000 + platform}{i:012d}")
        self.has_ucr = self.rng.random(n) < 0.15
        self.states_payment = self.rng.random(n) < 0.3
        self.at = at

    # ---- documents ----

    def _lay_out(self) -> None:
        n, rng = self.n, self.rng
        due = self.goods - self.discount + self.freight + self.tax
        none = np.full(n, ABSENT)
        nobody = np.full(n, -1)
        style = np.zeros(n, dtype=np.int64)
        when = self.day * DAY_MS
        noise = (self.mass * rng.integers(-2, 3, n)) // 100
        freight = np.where(self.has_freight, self.freight, ABSENT)
        discount = np.where(self.discount > 0, self.discount, ABSENT)
        common = {"case": self.at, "given": self.given, "family": self.family, "style": style}
        some_phone = np.where(self.has_phone, self.phone, -1)
        self.docs = {
            ORDERED: {
                **common,
                "currency": self.currency,
                "goods": self.goods,
                "discount": discount,
                "freight": freight,
                "insurance": none,
                "tax": np.where(self.tax > 0, self.tax, ABSENT),
                "paid": none,
                "at": when + rng.integers(0, DAY_MS, n),
                "mass": none,
                "packages": none,
                "quantity": self.pieces * 10**6,
                "unit": np.zeros(n, dtype=np.int64),
                "phone": some_phone,
                "platform": self.platform,
            },
            PAID: {
                **common,
                "currency": self.currency,
                "goods": none,
                "discount": none,
                "freight": none,
                "insurance": none,
                "tax": none,
                "paid": due,
                "at": when + rng.integers(DAY_MS // 2, 2 * DAY_MS, n),
                "mass": none,
                "packages": none,
                "quantity": none,
                "unit": nobody,
                "phone": nobody,
                "platform": np.where(rng.random(n) < 0.5, self.platform, 0),
            },
            DECLARED: {
                **common,
                "currency": self.currency,
                "goods": self.goods,
                "discount": discount,
                "freight": freight,
                "insurance": none,
                "tax": none,
                "paid": none,
                "at": np.where(rng.random(n) < 0.8, when, ABSENT),
                "mass": self.mass,
                "packages": self.packages,
                "quantity": self.pieces * 10**6,
                "unit": np.zeros(n, dtype=np.int64),
                "phone": np.where(rng.random(n) < 0.8, some_phone, -1),
                "platform": self.platform,
            },
            CARRIED: {
                **common,
                "currency": nobody,
                "goods": none,
                "discount": none,
                "freight": none,
                "insurance": none,
                "tax": none,
                "paid": none,
                "at": when + rng.integers(1, 7, n) * DAY_MS,
                "mass": self.mass + noise,
                "packages": self.packages,
                "quantity": none,
                "unit": nobody,
                "phone": some_phone,
                "platform": np.zeros(n, dtype=np.int64),
            },
        }
        self.docs = {kind: {k: v.copy() for k, v in its.items()} for kind, its in self.docs.items()}
        # Numbers of each document: field to list of (case, text); a dict of case to text where one was changed.
        self.dropped = {kind: np.zeros(n, dtype=bool) for kind in self.docs}
        self.changed: dict[tuple[int, int, int], list[str]] = {}
        self.extra: list[tuple[int, dict[str, int], list[tuple[int, str]]]] = []

    # ---- disturbances ----

    def _disturb(self, percent: int) -> None:
        """Disturb a share of cases, misleading ones among them; never a neighbour, which may be needed."""
        names = list(EXPECTED)
        rows = np.sort(self.rng.choice(self.n - 1, self.n * percent // 100, replace=False))
        if len(rows):
            rows = rows[np.append(True, np.diff(rows) > 1)]
        kinds = self.rng.permutation(np.arange(len(rows)) % len(names))
        for place, name in enumerate(names):
            its = rows[kinds == place]
            if name in _OF_TWO:
                its = its[~(self.is_misleading[its] | self.is_misleading[its + 1])]
            self._apply(name, place, its)
        for name in _SECOND:
            place = names.index(name)
            may = np.array([one in _MAY_BE_SECOND_TO for one in names])
            its = rows[(self.disturbance[rows] >= 0) & (self.second[rows] < 0)]
            its = its[may[self.disturbance[its]]]
            its = its[self.rng.random(len(its)) < 0.04]
            self.second[its] = place
            if len(its):
                self._run(name, its)

    def _apply(self, name: str, place: int, rows: Any) -> None:
        if not len(rows):
            return
        self.disturbance[rows] = place
        self._run(name, rows)

    def _run(self, name: str, rows: Any) -> None:
        getattr(self, "_" + "".join(sign if sign.isalpha() else "_" for sign in name))(rows)

    def _coupon(self, rows: Any) -> None:
        """The buyer paid less by a coupon; the declaration states the full price."""
        coupon = np.maximum(self.goods[rows] * self.between(self.sizes.coupon_percent, len(rows)) // 100, 7)
        old = np.where(
            self.docs[ORDERED]["discount"][rows] == ABSENT, 0, self.docs[ORDERED]["discount"][rows]
        )
        self.docs[ORDERED]["discount"][rows] = coupon
        self.docs[DECLARED]["discount"][rows] = ABSENT
        self.docs[PAID]["paid"][rows] += old - coupon

    def _subsidy(self, rows: Any) -> None:
        subsidy = np.maximum(self.goods[rows] * self.between(self.sizes.subsidy_percent, len(rows)) // 100, 7)
        self.docs[PAID]["paid"][rows] -= subsidy
        self.docs[ORDERED]["paid"][rows] = self.docs[PAID]["paid"][rows]

    def _give_freight(self, rows: Any) -> None:
        lacking = rows[~self.has_freight[rows]]
        freight = 300 + self.rng.integers(0, 900, len(lacking))
        self.freight[lacking] = freight
        self.docs[ORDERED]["freight"][lacking] = freight
        self.docs[PAID]["paid"][lacking] += freight

    def _freight_in_the_declared_price(self, rows: Any) -> None:
        self._give_freight(rows)
        self.docs[DECLARED]["goods"][rows] += self.freight[rows]
        self.docs[DECLARED]["freight"][rows] = ABSENT

    def _freight_paid_apart(self, rows: Any) -> None:
        self._give_freight(rows)
        self.docs[PAID]["paid"][rows] -= self.freight[rows]

    def _tax_paid_apart(self, rows: Any) -> None:
        tax = np.maximum(self.goods[rows] * 19 // 100, 5)
        self.docs[PAID]["paid"][rows] -= self.tax[rows]
        self.docs[ORDERED]["tax"][rows] = tax

    def _split_payment(self, rows: Any) -> None:
        paid = self.docs[PAID]["paid"]
        for case, percent in zip(rows.tolist(), self.between((15, 85), len(rows)).tolist(), strict=True):
            part = int(paid[case]) * percent // 100
            more = self._row(PAID, case) | {"paid": int(paid[case]) - part}
            paid[case] = part
            number = f"{self.payment_texts[case]}9"
            self.extra.append((PAID, more, [(ORDER, self.order_texts[case]), (PAYMENT, number)]))

    def _one_payment_for_two_orders(self, rows: Any) -> None:
        self._same_buyer(rows)
        self.dropped[PAID][rows + 1] = True
        self.docs[PAID]["paid"][rows] += self.docs[PAID]["paid"][rows + 1]
        for case in rows.tolist():
            self.changed[PAID, case, ORDER] = [self.order_texts[case], self.order_texts[case + 1]]
        self.truth[rows + 1] = rows

    def _two_orders_in_one_parcel(self, rows: Any) -> None:
        self._same_buyer(rows)
        declared = self.docs[DECLARED]
        self.dropped[DECLARED][rows + 1] = self.dropped[CARRIED][rows + 1] = True
        for name in ("goods", "quantity", "mass"):
            declared[name][rows] += declared[name][rows + 1]
        for name in ("discount", "freight"):
            one, other = declared[name][rows], declared[name][rows + 1]
            both = np.where(one == ABSENT, 0, one) + np.where(other == ABSENT, 0, other)
            declared[name][rows] = np.where(both == 0, ABSENT, both)
        self.docs[CARRIED]["mass"][rows] += self.docs[CARRIED]["mass"][rows + 1]
        for case in rows.tolist():
            self.changed[DECLARED, case, ORDER] = [self.order_texts[case], self.order_texts[case + 1]]
        self.truth[rows + 1] = rows

    def _same_buyer(self, rows: Any) -> None:
        for kind, its in self.docs.items():
            for name in ("given", "family", "phone", "platform", "currency"):
                its[name][rows + 1] = its[name][rows]
            if kind == PAID:
                its["at"][rows] = np.maximum(its["at"][rows], self.docs[ORDERED]["at"][rows])
        for its in self.docs.values():
            shift = self.docs[ORDERED]["at"][rows] - self.docs[ORDERED]["at"][rows + 1]
            moved = its["at"][rows + 1]
            if its is not self.docs[ORDERED]:
                its["at"][rows + 1] = np.where(moved == ABSENT, ABSENT, moved + shift)
        self.docs[ORDERED]["at"][rows + 1] = self.docs[ORDERED]["at"][rows]

    def _order_in_two_parcels(self, rows: Any) -> None:
        declared, carried = self.docs[DECLARED], self.docs[CARRIED]
        for its in (self.docs[ORDERED], declared):
            its["quantity"][rows] = np.maximum(its["quantity"][rows], 2 * 10**6)
        for case, percent in zip(rows.tolist(), self.between((20, 80), len(rows)).tolist(), strict=True):
            more, moved = self._row(DECLARED, case), self._row(CARRIED, case)
            for name in ("goods", "mass", "discount"):
                whole = int(declared[name][case])
                if whole == ABSENT:
                    continue
                part = whole * percent // 100
                declared[name][case], more[name] = part, whole - part
            more["freight"] = ABSENT
            declared["quantity"][case], more["quantity"] = 10**6, int(declared["quantity"][case]) - 10**6
            moved["mass"], carried["mass"][case] = more["mass"], declared["mass"][case]
            for one in (more, moved):
                one["packages"] = 1
            declared["packages"][case] = carried["packages"][case] = 1
            house = f"{self.house_texts[case][:-3]}{'X'}{self.house_texts[case][-3:]}"
            self.extra.append((DECLARED, more, [(HOUSE, house), (ORDER, self.order_texts[case])]))
            self.extra.append((CARRIED, moved, [(HOUSE, house)]))

    def _other_currency__rate_of_another_day(self, rows: Any) -> None:
        paid = self.docs[PAID]
        sign = self.rng.choice([-1, 1], len(rows))
        drift = sign * self.between(self.sizes.drift_ppm, len(rows))
        for case, ppm in zip(rows.tolist(), drift.tolist(), strict=True):
            own = CURRENCIES[int(self.currency[case])]
            other = "USD" if own != "USD" else "EUR"
            day = int(paid["at"][case]) // DAY_MS
            one, two = factor(own, day), factor(other, day)
            assert one is not None
            assert two is not None
            top, bottom = one[0] * two[1] * (1_000_000 + ppm), one[1] * two[0] * 1_000_000
            paid["paid"][case] = max(1, int(paid["paid"][case]) * top // bottom)
            paid["currency"][case] = CURRENCIES.index(other)

    def _rounding(self, rows: Any) -> None:
        by = self.between(self.sizes.rounding_minor, len(rows)) * self.rng.choice([-1, 1], len(rows))
        self.docs[PAID]["paid"][rows] += by

    def _name_in_another_order(self, rows: Any) -> None:
        for kind, its in self._shared_out(rows, (PAID, CARRIED, DECLARED)):
            self.docs[kind]["style"][its] = 1 + self.rng.integers(0, 2, len(its))

    def _name_in_another_script_or_spelling(self, rows: Any) -> None:
        has_other = np.array([len(one) > 1 for one in self.last])
        families = np.flatnonzero(has_other)
        for its in self.docs.values():
            its["family"][rows] = families[self.family[rows] % len(families)]
        for kind, its in self._shared_out(rows, (PAID, CARRIED, DECLARED)):
            self.docs[kind]["style"][its] = 3 + self.rng.integers(0, 2, len(its))

    def _order_and_payment_number_swapped(self, rows: Any) -> None:
        for case in rows.tolist():
            self.changed[PAID, case, ORDER] = [self.payment_texts[case]]
            self.changed[PAID, case, PAYMENT] = [self.order_texts[case]]
        self.states_payment[rows] = False

    def _house_document_in_the_field_of_the_UCR(self, rows: Any) -> None:  # noqa: N802
        for case in rows.tolist():
            self.changed[DECLARED, case, UCR] = [self.house_texts[case]]
            self.changed[DECLARED, case, HOUSE] = []
        self.has_ucr[rows] = False

    def _number_written_otherwise(self, rows: Any) -> None:
        ways: tuple[Callable[[str], str], ...] = (
            str.lower,
            lambda text: f"00{text}",
            lambda text: text[:4] + "-" + text[4:],
            lambda text: text.replace("-", "") if "-" in text else "/".join((text[:3], text[3:])),
        )
        for place, case in enumerate(rows.tolist()):
            kind, number, texts = (
                (PAID, ORDER, self.order_texts) if place % 2 else (CARRIED, HOUSE, self.house_texts)
            )
            text = ways[place // 2 % len(ways)](texts[case])
            if text == texts[case]:
                text = f"#{text}"
            self.changed[kind, case, number] = [text]
            self._cut_other_ways(kind, case)

    def _two_signs_of_a_number_swapped(self, rows: Any) -> None:
        def swap(text: str, case: int) -> str:
            places = [
                at
                for at in range(2, len(text) - 1)
                if text[at] != text[at + 1] and text[at : at + 2].isdigit()
            ]
            if not places:
                return text + "1"
            at = places[case % len(places)]
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]

        self._mistype(rows, swap)

    def _one_sign_of_a_number_wrong(self, rows: Any) -> None:
        def replace(text: str, case: int) -> str:
            places = [at for at, sign in enumerate(text) if at > 2 and sign.isdigit()]
            at = places[case % len(places)]
            return text[:at] + str((int(text[at]) + 1 + case % 9) % 10) + text[at + 1 :]

        self._mistype(rows, replace)

    def _mistype(self, rows: Any, change: Callable[[str, int], str]) -> None:
        for place, case in enumerate(rows.tolist()):
            kind, number, texts = (
                (PAID, ORDER, self.order_texts) if place % 2 else (CARRIED, HOUSE, self.house_texts)
            )
            self.changed[kind, case, number] = [change(texts[case], case + place)]
            self._cut_other_ways(kind, case)

    def _cut_other_ways(self, kind: int, case: int) -> None:
        """A number that was written wrong is the only one that would have led there."""
        if kind == PAID:
            self.states_payment[case] = False
        else:
            self.has_ucr[case] = False

    def _late_payment(self, rows: Any) -> None:
        self.docs[PAID]["at"][rows] = self.docs[ORDERED]["at"][rows] + DAY_MS * self.between(
            self.sizes.late_days, len(rows)
        )

    def _pieces_against_kilograms(self, rows: Any) -> None:
        self.docs[DECLARED]["quantity"][rows] = self.mass[rows] * 1_000
        self.docs[DECLARED]["unit"][rows] = 1

    def _order_missing(self, rows: Any) -> None:
        self.dropped[ORDERED][rows] = True

    def _payment_missing(self, rows: Any) -> None:
        self.dropped[PAID][rows] = True

    def _transport_document_missing(self, rows: Any) -> None:
        self.dropped[CARRIED][rows] = True

    def _declaration_missing(self, rows: Any) -> None:
        self.dropped[DECLARED][rows] = True
        # What is left of the case hangs together: the carrier knows the order.
        for case in rows.tolist():
            self.changed[CARRIED, case, ORDER] = [self.order_texts[case]]

    def _declared_too_low(self, rows: Any) -> None:
        goods = self.docs[DECLARED]["goods"]
        goods[rows] = goods[rows] * self.between(self.sizes.declared_percent, len(rows)) // 100

    def _paid_too_little(self, rows: Any) -> None:
        paid = self.docs[PAID]["paid"]
        paid[rows] = np.maximum(paid[rows] * self.between(self.sizes.paid_percent, len(rows)) // 100, 1)

    def _other_mass(self, rows: Any) -> None:
        """The carrier weighs far more than was declared."""
        percent = self.between(self.sizes.mass_percent, len(rows))
        self.docs[CARRIED]["mass"][rows] = self.mass[rows] * 100 // percent + 150

    def _other_person_on_the_waybill(self, rows: Any) -> None:
        carried = self.docs[CARRIED]
        carried["given"][rows] = (self.given[rows] + 17) % len(self.first)
        carried["family"][rows] = (self.family[rows] + 31) % len(self.last)
        carried["phone"][rows] = -1

    def _other_count_of_pieces(self, rows: Any) -> None:
        self.docs[DECLARED]["quantity"][rows] += 10**6 * self.between(self.sizes.extra_pieces, len(rows))

    def _shared_out(self, rows: Any, kinds: tuple[int, ...]) -> list[tuple[int, Any]]:
        return [(kind, rows[place :: len(kinds)]) for place, kind in enumerate(kinds)]

    def _row(self, kind: int, case: int) -> dict[str, int]:
        return {name: int(column[case]) for name, column in self.docs[kind].items()}

    # ---- frames ----

    def make(self, hash_texts: Callable[[list[bytes]], Any], with_texts: bool) -> Cases:
        names = list(self.docs[ORDERED])
        kept = {kind: np.flatnonzero(~self.dropped[kind]) for kind in self.docs}
        columns = {
            name: np.concatenate(
                [self.docs[kind][name][kept[kind]] for kind in self.docs]
                + [np.array([row[name] for _, row, _ in self.extra], dtype=np.int64)]
            )
            for name in names
        }
        kinds = np.concatenate(
            [np.full(len(kept[kind]), kind) for kind in self.docs]
            + [np.array([kind for kind, _, _ in self.extra], dtype=np.int64)]
        )
        total = len(kinds)
        shuffled = self.rng.permutation(total)  # the order in which documents come says nothing
        new_place = np.empty(total, dtype=np.int64)
        new_place[shuffled] = np.arange(total)
        columns = {name: column[shuffled] for name, column in columns.items()}
        kinds = kinds[shuffled]
        documents, name_texts = self._documents(columns, kinds, hash_texts)
        numbers, number_texts = self._numbers(kept, new_place, hash_texts)
        texts = {}
        if with_texts:
            texts = {"name": name_texts, **number_texts}
        return Cases(
            documents,
            numbers,
            self.truth[columns["case"]],
            self.disturbance,
            self.second,
            self.is_misleading,
            texts,
        )

    def _documents(
        self, columns: dict[str, Any], kinds: Any, hash_texts: Callable[[list[bytes]], Any]
    ) -> tuple[Frame, list[str]]:
        who = (columns["given"] * len(self.last) + columns["family"]) * 5 + columns["style"]
        distinct, place = np.unique(who, return_inverse=True)
        texts = [self._spell(int(one)) for one in distinct]
        table = np.zeros((len(texts), 6), dtype=np.int64)
        tokens = [
            (row, at, f"token|{t}")
            for row, text in enumerate(texts)
            for at, t in enumerate(name_tokens(text))
        ]
        hashed = hash_texts([text.encode() for _, _, text in tokens])
        for (row, at, _), value in zip(tokens, hashed.tolist(), strict=True):
            table[row, at] = value
        names = hash_texts([f"name|{spell_plainly(text)}".encode() for text in texts])
        zeros = np.zeros(len(kinds), dtype=np.int64)
        phones = columns["phone"]
        phone_hash = np.where(phones < 0, 0, (phones * 0x5DEECE66D + 11) ^ (phones << 20))
        frame = Frame(
            len(kinds),
            {
                "kind_number": kinds.astype(np.int64),
                "limits_number": np.where(kinds == DECLARED, 0, -1),
                "currency_code": Coded(CURRENCIES, columns["currency"].astype(np.int32)),
                "goods_minor": columns["goods"],
                "discount_minor": columns["discount"],
                "freight_minor": columns["freight"],
                "insurance_minor": columns["insurance"],
                "tax_minor": columns["tax"],
                "paid_minor": columns["paid"],
                "happened_at": columns["at"],
                "gross_mass_g": columns["mass"],
                "package_count": columns["packages"],
                "quantity_micro": columns["quantity"],
                "quantity_unit_code": Coded(UNITS, columns["unit"].astype(np.int32)),
                "name_hash": names[place],
                "other_name_hash": zeros,
                **{f"name_token_{at + 1}": table[:, at][place] for at in range(6)},
                "phone_hash": phone_hash,
                "platform_hash": np.where(columns["platform"] > 0, columns["platform"] * 7_777_777_777, 0),
            },
        )
        return frame, [texts[one] for one in place.tolist()] if len(kinds) < 400_000 else []

    def _spell(self, who: int) -> str:
        who, style = divmod(who, 5)
        given, family = (
            names[place]
            for names, place in ((self.first, who // len(self.last)), (self.last, who % len(self.last)))
        )
        if style == 1:
            return f"{family[0].upper()} {given[0]}"
        if style == 2:
            return f"{family[0]}, {given[0]}"
        if style == 3:
            return f"{given[-1]} {family[-1]}"
        if style == 4:
            return f"{given[min(1, len(given) - 1)]} {family[1]}"
        return f"{given[0]} {family[0]}"

    def _numbers(
        self, kept: dict[int, Any], new_place: Any, hash_texts: Callable[[list[bytes]], Any]
    ) -> tuple[Frame, dict[str, list[str]]]:
        owners: list[int] = []
        fields: list[int] = []
        places: list[int] = []
        known: dict[str, int] = {}
        row = 0
        plain = {
            ORDERED: (
                (UCR, self.ucr_texts, self.has_ucr & False),
                (ORDER, self.order_texts, None),
                (PAYMENT, self.payment_texts, self.states_payment),
            ),
            PAID: ((ORDER, self.order_texts, None), (PAYMENT, self.payment_texts, None)),
            DECLARED: (
                (UCR, self.ucr_texts, self.has_ucr),
                (HOUSE, self.house_texts, None),
                (ORDER, self.order_texts, None),
            ),
            CARRIED: (
                (UCR, self.ucr_texts, self.has_ucr),
                (HOUSE, self.house_texts, None),
                (ORDER, self.order_texts, self.has_ucr & False),
            ),
        }
        changed_cases = {key[:2] for key in self.changed}
        for kind in self.docs:
            for case in kept[kind].tolist():
                is_changed = (kind, case) in changed_cases
                for number, texts, has in plain[kind]:
                    found = self.changed.get((kind, case, number)) if is_changed else None
                    if found is None:
                        found = [texts[case]] if has is None or has[case] else []
                    for text in found:
                        owners.append(row)
                        fields.append(number)
                        places.append(known.setdefault(text, len(known)))
                row += 1
        for _, _, its in self.extra:
            for number, text in its:
                owners.append(row)
                fields.append(number)
                places.append(known.setdefault(text, len(known)))
            row += 1
        document = new_place[np.array(owners, dtype=np.int64)]
        order = np.argsort(document, kind="stable")
        place = np.array(places, dtype=np.int64)[order]
        columns = {
            "document": document[order],
            "field_number": np.array(fields, dtype=np.int64)[order],
        }
        forms = [number_forms(text) for text in known]
        for at, form in enumerate(FORMS):
            kind_of = form if form in ("digits", "head", "tail") else "number"
            hashed = hash_texts([f"{kind_of}|{one[at]}".encode() for one in forms])
            empty = np.array([not one[at] for one in forms])
            columns[form] = np.where(empty, 0, hashed)[place]
        texts: dict[str, list[str]] = {}
        if len(new_place) < 400_000:
            known_texts = list(known)
            its_numbers: list[list[str]] = [[] for _ in range(len(new_place))]
            for owner, at in zip(columns["document"].tolist(), place.tolist(), strict=True):
                its_numbers[owner].append(known_texts[at])
            texts = {"numbers": [" ".join(one) for one in its_numbers]}
        return Frame(len(place), columns), texts


def _s10_check(serial: int) -> int:
    total = sum(
        int(digit) * weight for digit, weight in zip(f"{serial:08d}", (8, 6, 4, 2, 3, 5, 9, 7), strict=True)
    )
    check = 11 - total % 11
    return 0 if check == 10 else 5 if check == 11 else check
