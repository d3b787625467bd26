"""Which evaluator for the law: Polars expressions or NumPy closures, from the same SQL text.

The yardstick's rules (convert, sum, limit, rate by code and origin, tax, reasons) stand as forty SQL
expressions. sqlglot reads each once. `Polars` gives the text to `pl.sql_expr`, one `with_columns` for each
level of dependence. `NumPy` compiles the same tree to closures over (values, known) pairs: three-valued
logic, as the law asks, with known = None where nothing can be unknown. Both results are compared with the
floor's arithmetic, which is itself compared with the plain reference.

    uv run python benchmarks/evaluator.py            one JSON line a size; times are medians
"""

import argparse
import json
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from typing import Any

import msgspec
import numpy as np
import polars as pl
import sqlglot
from sqlglot import exp

import floor
import parcels

EXPRESSIONS = {
    "is_eu": "regime = 0",
    "is_gb": "regime = 1",
    "is_us": "regime = 2",
    "is_au": "regime = 3",
    "value": "(minor * rate_ppm + 500000) // 1000000",
    "consignment_value": "SUM(value) OVER (PARTITION BY consignment)",
    "limit_value": "CASE WHEN is_eu THEN 15000 WHEN is_gb THEN 13500 WHEN is_au THEN 100000 ELSE 0 END",
    "is_low": "consignment_value <= limit_value",
    "base_bp": "CASE WHEN is_eu THEN eu_bp WHEN is_gb THEN gb_bp WHEN is_us THEN us_bp ELSE au_bp END",
    "surcharge_bp": "CASE WHEN is_us AND is_china THEN 2000 WHEN is_us THEN 1000 ELSE 0 END",
    "duty_bp": "base_bp + surcharge_bp",
    "flat_duty": "CASE WHEN is_eu THEN 300 ELSE 0 END",
    "rated_duty": "(value * duty_bp + 5000) // 10000",
    "duty": "CASE WHEN is_low THEN flat_duty ELSE rated_duty END",
    "tax_base": "value + duty",
    "tax": "(tax_base * tax_bp + 5000) // 10000",
    "has_scheme": "proof IS NOT NULL",
    "is_proof_good": "COALESCE(proof = 1, FALSE)",
    "is_prepaid": "is_low AND is_proof_good",
    "is_proof_wrong": "has_scheme AND NOT is_proof_good",
    "least_value": "grams * per_kg",
    "is_undervalued": "value * 1000 < least_value",
    "needs_licence": "licence = 1",
    "bit_low": "CASE WHEN is_low THEN 1 ELSE 0 END",
    "bit_prepaid": "CASE WHEN is_prepaid THEN 2 ELSE 0 END",
    "bit_vague": "CASE WHEN is_vague THEN 4 ELSE 0 END",
    "bit_licence": "CASE WHEN needs_licence THEN 8 ELSE 0 END",
    "bit_undervalued": "CASE WHEN is_undervalued THEN 16 ELSE 0 END",
    "bit_proof": "CASE WHEN is_proof_wrong THEN 32 ELSE 0 END",
    "bit_party": "CASE WHEN is_listed THEN 64 ELSE 0 END",
    "mask": "bit_low + bit_prepaid + bit_vague + bit_licence + bit_undervalued + bit_proof + bit_party",
    "is_held": "mask >= 4",
    "due_at_sale": "CASE WHEN is_prepaid THEN tax ELSE 0 END",
    "due_at_border": "duty + tax - due_at_sale",
    "total_due": "duty + tax",
    "is_heavy": "grams > 30000",
    "is_due_at_border": "due_at_border > 0",
    "must_wait": "is_due_at_border AND NOT is_held",
    "must_look": "is_held OR (is_heavy AND NOT is_low)",
    "lane": "CASE WHEN is_held THEN 3 WHEN must_look THEN 2 WHEN must_wait THEN 1 ELSE 0 END",
}
PROVED = ("value", "duty", "tax", "mask")
STORED = (*PROVED, "is_low", "due_at_sale", "due_at_border", "lane")
SLICE_ROWS = 5_000
TARIFF = ("eu_bp", "gb_bp", "us_bp", "au_bp", "per_kg", "licence")
SIZES = (1, 50, 5_000, 1_000_000)

Vector = np.ndarray[Any, np.dtype[Any]]
Known = tuple[Vector, Vector | None]
Closure = Callable[[dict[str, Known]], Known]


def parsed(copies: int) -> dict[str, exp.Expr]:
    """The rules as trees; further copies of them under names of their own stand for a longer law."""
    trees: dict[str, exp.Expr] = {}
    for n in range(copies):
        ending = f"_{n}" if n else ""
        for name, text in EXPRESSIONS.items():
            tree = sqlglot.parse_one(text, dialect="duckdb")
            for column in tree.find_all(exp.Column):
                if column.name in EXPRESSIONS:
                    column.this.set("this", column.name + ending)
            trees[name + ending] = tree
    return trees


# ---- Polars ----


def levels(trees: dict[str, exp.Expr]) -> list[list[str]]:
    """Names by level: an expression stands above all that it names."""
    level: dict[str, int] = {}
    for name, tree in trees.items():
        level[name] = 1 + max(
            (level.get(column.name, -1) for column in tree.find_all(exp.Column)), default=-1
        )
    return [[n for n, at in level.items() if at == k] for k in range(max(level.values()) + 1)]


def polars_program(trees: dict[str, exp.Expr]) -> list[list[pl.Expr]]:
    """Expressions ready for `with_columns`, level by level."""
    texts = {name: tree.sql(dialect="duckdb") for name, tree in trees.items()}
    return [[pl.sql_expr(texts[name]).alias(name) for name in names] for names in levels(trees)]


def run_polars_eager(frame: pl.DataFrame, program: list[list[pl.Expr]]) -> pl.DataFrame:
    """Each level at once."""
    for expressions in program:
        frame = frame.with_columns(expressions)
    return frame


def run_polars_lazy(frame: pl.DataFrame, program: list[list[pl.Expr]]) -> pl.DataFrame:
    """One plan for all levels."""
    plan = frame.lazy()
    for expressions in program:
        plan = plan.with_columns(expressions)
    return plan.collect()


def polars_lookups(frame: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Rate and tariff line by join."""
    rated = frame.join(tables["rates"], on=["currency", "regime"], how="left", maintain_order="left")
    return rated.join(tables["tariff"], on="hs", how="left", maintain_order="left")


# ---- NumPy ----

_BINARY: dict[type[exp.Expr], Callable[[Vector, Vector], Vector]] = {
    exp.Add: np.add,
    exp.Sub: np.subtract,
    exp.Mul: np.multiply,
    exp.IntDiv: np.floor_divide,
    exp.EQ: np.equal,
    exp.LT: np.less,
    exp.LTE: np.less_equal,
    exp.GT: np.greater,
    exp.GTE: np.greater_equal,
}


def _both(a: Vector | None, b: Vector | None) -> Vector | None:
    return b if a is None else a if b is None else a & b


def compile_closure(tree: exp.Expr) -> Closure:  # noqa: PLR0911 (one for each node of the language)
    """Closure of a checked tree. Raises KeyError on a node that is not in the language."""
    if isinstance(tree, exp.Paren):
        return compile_closure(tree.this)
    if isinstance(tree, exp.Column):
        name = tree.name
        return lambda columns: columns[name]
    if isinstance(tree, exp.Literal):
        number = (np.int64(int(tree.this)), None)
        return lambda _: number  # type: ignore[return-value]
    if isinstance(tree, exp.Boolean):
        flag = (np.bool_(tree.this), None)
        return lambda _: flag  # type: ignore[return-value]
    if isinstance(tree, exp.And | exp.Or):
        return _compile_connective(tree)
    if isinstance(tree, exp.Not):
        return _compile_not(tree)
    if isinstance(tree, exp.Case):
        return _compile_case(tree)
    if isinstance(tree, exp.Coalesce):
        return _compile_coalesce(tree)
    if isinstance(tree, exp.Window):
        return _compile_sum(tree)
    return _compile_binary(tree)


def _compile_binary(tree: exp.Expr) -> Closure:
    apply, left, right = _BINARY[type(tree)], compile_closure(tree.left), compile_closure(tree.right)  # type: ignore[attr-defined]

    def closure(columns: dict[str, Known]) -> Known:
        (a, a_known), (b, b_known) = left(columns), right(columns)
        return apply(a, b), _both(a_known, b_known)

    return closure


def _compile_connective(tree: exp.Expr) -> Closure:
    left, right = compile_closure(tree.left), compile_closure(tree.right)  # type: ignore[attr-defined]
    is_and = isinstance(tree, exp.And)

    def closure(columns: dict[str, Known]) -> Known:
        (a, a_known), (b, b_known) = left(columns), right(columns)
        values = a & b if is_and else a | b
        if a_known is None and b_known is None:
            return values, None
        a_known = np.True_ if a_known is None else a_known  # type: ignore[assignment]
        b_known = np.True_ if b_known is None else b_known  # type: ignore[assignment]
        # Known where both are, or where one alone decides: false for AND, true for OR.
        decides_a, decides_b = (~a, ~b) if is_and else (a, b)
        return values, (a_known & b_known) | (a_known & decides_a) | (b_known & decides_b)  # type: ignore[operator]

    return closure


def _compile_not(tree: exp.Not) -> Closure:
    if isinstance(tree.this, exp.Is):  # IS NOT NULL
        operand = compile_closure(tree.this.this)

        def known_closure(columns: dict[str, Known]) -> Known:
            values, known = operand(columns)
            return (np.ones(values.shape, bool) if known is None else known), None

        return known_closure
    inner = compile_closure(tree.this)

    def closure(columns: dict[str, Known]) -> Known:
        values, known = inner(columns)
        return ~values, known

    return closure


def _compile_case(tree: exp.Case) -> Closure:
    branches = [(compile_closure(b.this), compile_closure(b.args["true"])) for b in tree.args["ifs"]]
    default = compile_closure(tree.args["default"])

    def closure(columns: dict[str, Known]) -> Known:
        values, known = default(columns)
        for condition, result in reversed(branches):
            (test, test_known), (then, then_known) = condition(columns), result(columns)
            test = test if test_known is None else test & test_known
            values = np.where(test, then, values)
            if known is not None or then_known is not None:
                some = np.True_ if then_known is None else then_known
                known = np.where(test, some, np.True_ if known is None else known)
        return values, known

    return closure


def _compile_coalesce(tree: exp.Coalesce) -> Closure:
    first, second = compile_closure(tree.this), compile_closure(tree.expressions[0])

    def closure(columns: dict[str, Known]) -> Known:
        values, known = first(columns)
        if known is None:
            return values, None
        other, other_known = second(columns)
        return np.where(known, values, other), None if other_known is None else known | other_known

    return closure


def _compile_sum(tree: exp.Window) -> Closure:
    """Sum over the consignment. Its goods items lie side by side: `starts` has the first row of each."""
    inner = compile_closure(tree.this.this)

    def closure(columns: dict[str, Known]) -> Known:
        values, _ = inner(columns)
        starts, owner = columns["starts"][0], columns["consignment"][0]
        return np.add.reduceat(values, starts)[owner], None

    return closure


def run_numpy(columns: dict[str, Known], program: dict[str, Closure]) -> dict[str, Known]:
    """All expressions in the order written."""
    columns = dict(columns)
    for name, closure in program.items():
        columns[name] = closure(columns)
    return columns


def slices_of(columns: dict[str, Known], rows_count: int) -> list[dict[str, Known]]:
    """Views of the columns, some rows_count rows each, cut between consignments."""
    starts, total = columns["starts"][0], len(columns["consignment"][0])
    first = np.unique(np.searchsorted(starts, np.arange(0, total, rows_count)))
    found = []
    for begin, end in pairwise([*first.tolist(), len(starts)]):
        low, high = int(starts[begin]), int(starts[end]) if end < len(starts) else total
        part: dict[str, Known] = {
            name: (values[low:high], None if known is None else known[low:high])
            for name, (values, known) in columns.items()
        }
        part["starts"] = starts[begin:end] - low, None
        part["consignment"] = part["consignment"][0] - begin, None
        found.append(part)
    return found


def run_numpy_sliced(slices: list[dict[str, Known]], program: dict[str, Closure]) -> dict[str, Vector]:
    """Slice by slice, so that a slice stays in the processor's cache; what is stored is joined again."""
    results = []
    for part in slices:
        columns = run_numpy(part, program)
        results.append([columns[name][0] for name in STORED])
    return {name: np.concatenate([r[n] for r in results]) for n, name in enumerate(STORED)}


def numpy_lookups(columns: dict[str, Known]) -> dict[str, Known]:
    """Rate and tariff line by gathering."""
    regime, currency, hs = (columns[n][0] for n in ("regime", "currency", "hs"))
    lines = floor.HS_TABLE[hs]
    found: dict[str, Known] = {name: (lines[:, i], None) for i, name in enumerate(TARIFF)}
    return columns | found | {"rate_ppm": (floor.RATES[currency, regime], None)}


# ---- the same rows for both ----


def rows_of_parcels(rows_count: int) -> tuple[dict[str, Vector], tuple[Vector, ...]]:
    """Columns of the yardstick's parcels, repeated up to rows_count; and value, duty, tax, mask by the
    floor."""
    lines = [json.dumps(record).encode() for record in parcels.parcels(min(rows_count, 20_000) + 20)]
    prefix = floor.PREFIX + 1  # json.dumps puts a space after the colon
    keyed = [(line[prefix : line.index(b'"', prefix)], line) for line in lines]
    good, _ = floor.read(keyed, {}, msgspec.json.Decoder(floor.Consignment).decode)
    per, items, owner = floor.columns(good, parcels.listed_set())
    copies = -(-rows_count // len(items)) + 1
    per, items = np.tile(per, (copies, 1)), np.tile(items, (copies, 1))
    consignments_count = int(np.searchsorted(np.cumsum(per[:, 2]), rows_count)) + 1
    per = per[:consignments_count]
    rows_count = min(int(per[:, 2].sum()), rows_count)
    per[-1, 2] -= int(per[:, 2].sum()) - rows_count
    items, owner = items[:rows_count], np.repeat(np.arange(len(per)), per[:, 2])
    _, hs, vague, minor, currency, china, grams = items.T
    columns = {
        "consignment": owner,
        "hs": hs,
        "is_vague": vague.astype(bool),
        "minor": minor,
        "currency": currency,
        "is_china": china.astype(bool),
        "grams": grams,
        "regime": per[owner, 0],
        "tax_bp": per[owner, 1],
        "is_listed": per[owner, 3].astype(bool),
        "proof": per[owner, 4],
    }
    columns = {name: np.ascontiguousarray(values) for name, values in columns.items()}
    columns["starts"] = np.cumsum(per[:, 2]) - per[:, 2]
    return columns, floor.assess(per, items, owner)


def frame_of(columns: dict[str, Vector]) -> pl.DataFrame:
    """Columns for Polars; no scheme number (-1) is null."""
    frame = pl.DataFrame({n: v for n, v in columns.items() if n != "starts"})
    return frame.with_columns(proof=pl.when(pl.col("proof") >= 0).then("proof"))


def known_of(columns: dict[str, Vector]) -> dict[str, Known]:
    """Columns for NumPy; no scheme number (-1) is unknown."""
    known: dict[str, Known] = {name: (values, None) for name, values in columns.items()}
    return known | {"proof": (columns["proof"], columns["proof"] >= 0)}


def lookup_tables() -> dict[str, pl.DataFrame]:
    """Rates and tariff for the joins."""
    rates = [(c, r, int(floor.RATES[c, r])) for c in range(len(floor.RATES)) for r in range(4)]
    tariff = {"hs": np.arange(len(floor.HS_TABLE))} | {n: floor.HS_TABLE[:, i] for i, n in enumerate(TARIFF)}
    return {
        "rates": pl.DataFrame(rates, ["currency", "regime", "rate_ppm"], orient="row"),
        "tariff": pl.DataFrame(tariff),
    }


def timed(call: Callable[[], object], seconds: float) -> dict[str, float]:
    """Median wall and mean processor milliseconds a call (all threads), over at least three calls and
    `seconds`."""
    call()
    walls: list[float] = []
    cpu, begun = time.process_time(), time.perf_counter()
    while len(walls) < 3 or time.perf_counter() - begun < seconds:
        at = time.perf_counter()
        call()
        walls.append(time.perf_counter() - at)
    cpu = time.process_time() - cpu
    return {
        "wall_ms": round(median(walls) * 1e3, 3),
        "cpu_ms": round(cpu / len(walls) * 1e3, 3),
        "calls": len(walls),
    }


def measure(rows_count: int, seconds: float, copies: int = 1) -> dict[str, Any]:
    """Figures at one size; both results are checked against the floor's."""
    trees = parsed(copies)
    columns, want = rows_of_parcels(rows_count)
    frame, known, tables = frame_of(columns), known_of(columns), lookup_tables()
    polars_compiled = polars_program(trees)
    numpy_compiled = {name: compile_closure(tree) for name, tree in trees.items()}
    looked_up, gathered = polars_lookups(frame, tables), numpy_lookups(known)
    lazy, eager = (run(looked_up, polars_compiled) for run in (run_polars_lazy, run_polars_eager))
    closed = run_numpy(gathered, numpy_compiled)
    for name, figures in zip(PROVED, want, strict=True):
        for result in (lazy[name].to_numpy(), eager[name].to_numpy(), closed[name][0]):
            if not np.array_equal(result, figures):
                raise SystemExit(f"{name}: differs from the floor's arithmetic")
    for name in trees:
        if not np.array_equal(lazy[name].to_numpy(), closed[name][0]):
            raise SystemExit(f"{name}: Polars and NumPy differ")
    slices = slices_of(gathered, SLICE_ROWS)
    sliced = run_numpy_sliced(slices, numpy_compiled)
    for name in STORED:
        if not np.array_equal(sliced[name], closed[name][0]):
            raise SystemExit(f"{name}: slices give another result")
    return {
        "rows": rows_count,
        "expressions": len(trees),
        "polars_lazy": timed(lambda: run_polars_lazy(looked_up, polars_compiled), seconds),
        "polars_eager": timed(lambda: run_polars_eager(looked_up, polars_compiled), seconds),
        "numpy": timed(lambda: run_numpy(gathered, numpy_compiled), seconds),
        "numpy_sliced": timed(lambda: run_numpy_sliced(slices, numpy_compiled), seconds),
        "polars_joins": timed(lambda: polars_lookups(frame, tables), seconds),
        "numpy_gathers": timed(lambda: numpy_lookups(known), seconds),
        "polars_compile": timed(lambda: polars_program(trees), seconds / 4),
        "numpy_compile": timed(lambda: {n: compile_closure(t) for n, t in trees.items()}, seconds / 4),
    }


def main() -> None:
    """Print one JSON line a size."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--rows", type=int, nargs="*", default=SIZES)
    p.add_argument("--seconds", type=float, default=2.0, help="of measuring, each figure")
    p.add_argument(
        "--copies", type=int, default=1, help="of the rules: ten stand for a law of 400 expressions"
    )
    a = p.parse_args()
    for rows_count in a.rows:
        print(json.dumps(measure(rows_count, a.seconds, a.copies)), flush=True)


if __name__ == "__main__":
    main()
