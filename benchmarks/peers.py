"""What one would take instead of Serai, on the same parcels, with the same law, faults, table and commits.

Each peer's totals are asserted equal to the plain reference. Slow peers get the first lines of the file only. The peers are no
dependencies of the project; `uv run` fetches them for the one run:

    uv run --with 'pydantic>=2' --with 'sqlalchemy>=2' --with duckdb --with rapidfuzz --with 'openfisca-core>=43' \\
        python benchmarks/peers.py
"""
# mypy: ignore-errors

import itertools
import json
import os
import tempfile
import time

import psycopg

import floor
import law
import parcels
import pg

# ---- (a) OpenFisca-core: assesses; reading and storing are the floor's ----

DAY = "2026-11-25"


def openfisca_system():
    from openfisca_core.entities import build_entity
    from openfisca_core.indexed_enums import Enum
    from openfisca_core.parameters import ParameterNode
    from openfisca_core.periods import DateUnit
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    item = build_entity("item", "items", "goods item", is_person=True)
    consignment = build_entity(
        "consignment",
        "consignments",
        "consignment",
        roles=[{"key": "goods", "plural": "goods", "label": "goods"}],
    )
    enum = {
        n: Enum(n, {k: k for k in keys})
        for n, keys in {
            "Hs": ["h" + h for h in law.HS6],
            "Currency": law.IN_EUR,
            "Regime": ["r0", "r1", "r2", "r3"],
            "Destination": law.TAX,
            "Origin": ["cn", "other"],
        }.items()
    }
    system = TaxBenefitSystem([item, consignment])

    def at(v):
        return {"values": {"2026-01-01": {"value": v}}}

    def table(rows):
        return {k: table(v) if isinstance(v, dict) else at(v) for k, v in rows.items()}

    r4 = range(4)
    system.parameters = ParameterNode(
        "",
        data=table(
            {
                "rate": {c: {f"r{r}": law.RATE[c, r] for r in r4} for c in law.IN_EUR},
                "duty": {"h" + h: {f"r{r}": row[r] for r in r4} for h, row in law.HS6.items()},
                "per_kg": {"h" + h: row[4] for h, row in law.HS6.items()},
                "licence": {"h" + h: row[5] for h, row in law.HS6.items()},
                "surcharge": {
                    "cn": {f"r{r}": law.SURCHARGE_CN[r] for r in r4},
                    "other": {f"r{r}": law.SURCHARGE[r] for r in r4},
                },
                "limit": {f"r{r}": law.LIMIT[r] for r in r4},
                "flat": {f"r{r}": law.FLAT[r] for r in r4},
                "tax": {d: bp for d, (_, bp) in law.TAX.items()},
            }
        ),
    )

    def variable(name, entity_, type_, formula=None, values=None):
        body = {"value_type": type_, "entity": entity_, "definition_period": DateUnit.DAY, "label": name}
        if values:
            body |= {"possible_values": values, "default_value": list(values)[0]}
        if formula:
            body["formula"] = formula
        system.add_variable(type(name, (Variable,), body))

    for n, t, v in (
        ("hs", Enum, enum["Hs"]),
        ("currency", Enum, enum["Currency"]),
        ("origin", Enum, enum["Origin"]),
        ("minor", int, None),
        ("grams", int, None),
        ("vague", bool, None),
    ):
        variable(n, item, t, values=v)
    for n, t, v in (
        ("destination", Enum, enum["Destination"]),
        ("regime", Enum, enum["Regime"]),
        ("proof", int, None),
        ("party", bool, None),
    ):
        variable(n, consignment, t, values=v)

    def value(i, day, p):
        rate = p(day).rate[i("currency", day)][i.consignment("regime", day)]
        return (i("minor", day).astype("int64") * rate + law.PPM // 2) // law.PPM

    def low(c, day, p):
        return c.sum(c.members("value", day)) <= p(day).limit[c("regime", day)]

    def duty(i, day, p):
        regime = i.consignment("regime", day)
        rate = p(day).duty[i("hs", day)][regime] + p(day).surcharge[i("origin", day)][regime]
        by_rate = (i("value", day).astype("int64") * rate + law.BP // 2) // law.BP
        return i.consignment("low", day) * p(day).flat[regime] + ~i.consignment("low", day) * by_rate

    def tax(i, day, p):
        base = (i("value", day) + i("duty", day)).astype("int64")
        return (base * p(day).tax[i.consignment("destination", day)] + law.BP // 2) // law.BP

    def mask(i, day, p):
        low, proof, hs = i.consignment("low", day), i.consignment("proof", day), i("hs", day)
        return (
            law.LOW * low
            + law.PREPAID * (low & (proof == 1))
            + law.PROOF * (proof == 0)
            + law.PARTY * i.consignment("party", day)
            + law.VAGUE_BIT * i("vague", day)
            + law.LICENCE * p(day).licence[hs]
            + law.UNDERVALUE * (i("value", day).astype("int64") * 1000 < i("grams", day) * p(day).per_kg[hs])
        )

    for n, e, t, f in (
        ("value", item, int, value),
        ("low", consignment, bool, low),
        ("duty", item, int, duty),
        ("tax", item, int, tax),
        ("mask", item, int, mask),
    ):
        variable(n, e, t, f)
    return system


ENUMS = ("hs", "currency", "origin", "destination", "regime")


def openfisca_vector(batches, dsn, listed):
    """A batch as one simulation: its natural use."""
    import msgspec
    import numpy as np
    from openfisca_core.simulations import SimulationBuilder

    system, seen, decode = openfisca_system(), {}, msgspec.json.Decoder(floor.Consignment).decode
    destinations = {d: i for i, d in enumerate(law.TAX)}
    with psycopg.connect(dsn) as conn:
        for batch in batches:
            good, bad = floor.read(batch, seen, decode)
            per, items, owner = floor.columns(good, listed)
            b = SimulationBuilder()
            b.create_entities(system)
            b.declare_person_entity("item", np.arange(len(items)))
            group = b.declare_entity("consignment", np.arange(len(per)))
            b.join_with_persons(group, owner, ["goods"] * len(items))
            s = b.build(system)
            _, hs, vague, minor, currency, cn, grams = items.T
            for name, values in {
                "hs": hs,
                "vague": vague,
                "minor": minor,
                "currency": currency,
                "origin": 1 - cn,
                "grams": grams,
                "regime": per[:, 0],
                "party": per[:, 3],
                "proof": per[:, 4],
                "destination": np.array([destinations[c.consignee.address.country_code] for c in good]),
            }.items():
                kind = system.get_variable(name)
                s.set_input(
                    name,
                    DAY,
                    kind.possible_values.encode(values) if name in ENUMS else values.astype(kind.dtype),
                )
            result = [s.calculate(n, DAY).astype("int64") for n in ("value", "duty", "tax", "mask")]
            floor.store(
                conn,
                [floor.batch_of(good, per, items, owner, *result), *([floor.faults(bad)] if bad else [])],
            )


def openfisca_single(batches, dsn, listed):
    """One consignment a call, through the function that its web API calls."""
    from openfisca_web_api.handlers import calculate

    system, seen = openfisca_system(), {}

    def decide(line):
        c = json.loads(line)
        ref, dest, tax_id = (
            c["functionalReferenceId"],
            c["consignee"]["address"]["countryCode"],
            c.get("importTaxId"),
        )
        hit = c["consignor"]["name"].lower() in listed or c["consignee"]["name"].lower() in listed
        given = {
            "destination": dest,
            "regime": f"r{law.TAX[dest][0]}",
            "party": hit,
            "proof": -1 if tax_id is None else int(law.tax_id_ok(tax_id)),
        }
        answer = calculate(
            system,
            {
                "items": {
                    str(i["sequence"]): {
                        k: {DAY: v}
                        for k, v in {
                            "hs": "h" + i["classificationHs6"],
                            "currency": i["invoiceAmount"]["currency"],
                            "minor": i["invoiceAmount"]["minor"],
                            "origin": "cn" if i["originCountry"] == "CN" else "other",
                            "grams": i["grossWeightGrams"],
                            "vague": i["description"].lower() in law.VAGUE,
                            "value": None,
                            "duty": None,
                            "tax": None,
                            "mask": None,
                        }.items()
                    }
                    for i in c["goodsItems"]
                },
                "consignments": {
                    "c": {"goods": [str(i["sequence"]) for i in c["goodsItems"]]}
                    | {k: {DAY: v} for k, v in given.items()}
                },
            },
        )
        for sequence, v in answer["items"].items():
            value, duty, tax, mask = (v[n][DAY] for n in ("value", "duty", "tax", "mask"))
            yield (
                ref,
                int(sequence),
                law.OUTCOMES[mask],
                law.LAW_CURRENCIES[law.TAX[dest][0]],
                value,
                duty,
                tax,
                law.REASONS[mask],
            )

    with psycopg.connect(dsn) as conn:
        for batch in batches:
            for ref, line in batch:
                known = law.repeated(seen, ref, line)
                code = law.fault(json.loads(line)) if known is None else "F-DUPLICATE" if known else None
                rows = [law.fault_row(ref.decode(), code)] if code else [] if known is False else decide(line)
                conn.cursor().executemany("insert into decision values (%s,%s,%s,%s,%s,%s,%s,%s)", list(rows))
                conn.commit()


# ---- (b) pydantic models, plain Python rules, SQLAlchemy ----


def pydantic_model():
    from typing import Annotated, Literal

    from pydantic import AfterValidator, BaseModel, ConfigDict, Field
    from pydantic.alias_generators import to_camel

    def known(v):
        if v not in law.COUNTRIES:
            raise ValueError("country")
        return v

    country = Annotated[str, AfterValidator(known)]

    class Model(BaseModel):
        model_config = ConfigDict(alias_generator=to_camel)

    class Amount(Model):
        minor: int = Field(ge=0)
        currency: Literal[tuple(law.IN_EUR)]

    class Item(Model):
        sequence: int
        classification_hs6: Literal[tuple(law.HS6)]
        description: str
        quantity: int = Field(ge=1)
        invoice_amount: Amount
        origin_country: country
        gross_weight_grams: int = Field(ge=1)

    class Address(Model):
        country_code: country

    class Destination(Model):
        country_code: Literal[tuple(law.TAX)]

    class Party(Model):
        name: str
        address: Address

    class Consignee(Model):
        name: str
        address: Destination

    class Consignment(Model):
        functional_reference_id: str
        ucr: str
        transport_contract_document_id: str
        consignor: Party
        consignee: Consignee
        goods_items: list[Item]
        import_tax_id: str | None = None

    return Consignment


def pydantic_sqlalchemy(batches, dsn, listed):
    """ORM rows, one commit a batch."""
    import pydantic
    from sqlalchemy import BigInteger, SmallInteger, create_engine, insert
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

    model, seen = pydantic_model(), {}

    class Base(DeclarativeBase):
        pass

    class Decision(Base):
        __tablename__ = "decision"
        reference: Mapped[str] = mapped_column(primary_key=True)
        sequence: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
        outcome: Mapped[str]
        currency: Mapped[str | None]
        value: Mapped[int | None] = mapped_column(BigInteger)
        duty: Mapped[int | None] = mapped_column(BigInteger)
        tax: Mapped[int | None] = mapped_column(BigInteger)
        reasons: Mapped[str]

    names = Decision.__table__.columns.keys()

    def rows_of(ref, line):
        if (known := law.repeated(seen, ref, line)) is not None:
            return [law.fault_row(ref.decode(), "F-DUPLICATE")] if known else []
        try:
            c = model.model_validate_json(line)
        except pydantic.ValidationError as e:
            first = e.errors(include_url=False, include_context=False)[0]
            field = str(first["loc"][-1])
            return [
                law.fault_row(
                    ref.decode(),
                    "F-MISSING"
                    if first["type"] == "missing"
                    else "F-COUNTRY"
                    if "ountry" in field
                    else "F-CURRENCY"
                    if field == "currency"
                    else "F-WEIGHT"
                    if "Grams" in field
                    else "F-OTHER",
                )
            ]
        hit = c.consignor.name.lower() in listed or c.consignee.name.lower() in listed
        assessed = law.assess(
            c.consignee.address.country_code,
            c.import_tax_id,
            hit,
            [
                (
                    i.classification_hs6,
                    i.description,
                    i.invoice_amount.minor,
                    i.invoice_amount.currency,
                    i.origin_country,
                    i.gross_weight_grams,
                )
                for i in c.goods_items
            ],
        )
        return [
            (c.functional_reference_id, i.sequence, law.OUTCOMES[a[4]], *a[:4], law.REASONS[a[4]])
            for i, a in zip(c.goods_items, assessed)
        ]

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn))
    with Session(engine) as session:
        for batch in batches:
            rows = [dict(zip(names, row)) for ref, line in batch for row in rows_of(ref, line)]
            if rows:
                session.execute(insert(Decision), rows)
            session.commit()


# ---- (c) SQL in PostgreSQL, (d) SQL in DuckDB: only the reading differs ----

# from `item` (the consignment's ref, head_fault, destination, tax_id, tax_ok, party; the item's fields, missing) to decisions
ASSESS = """
ruled as (
    select i.ref, i.sequence, t.regime, t.tax_bp, g.currency, g.lim, g.flat, h.per_kg, h.licence, i.grams,
        case when i.origin = 'CN' then h.duty_cn else h.duty end as duty_bp,
        (i.minor * r.ppm + 500000) {div} 1000000 as value,
        lower(i.description) in (select word from vague) as is_vague,
        i.tax_id is not null as claimed, i.tax_ok as proof, i.party,
        min(coalesce(i.head_fault, case when i.missing then 'F-MISSING'
            when i.grams < 1 or i.quantity < 1 then 'F-WEIGHT' when r.ppm is null then 'F-CURRENCY'
            when i.minor < 0 or h.hs6 is null then 'F-OTHER' when o.code is null then 'F-COUNTRY' end)) over (partition by i.ref) as fault
    from item i
        left join tax t on t.country = i.destination left join regime g on g.regime = t.regime
        left join rate r on r.currency = i.currency and r.regime = t.regime
        left join hs h on h.hs6 = i.hs6 and h.regime = t.regime
        left join country o on o.code = i.origin),
summed as (select *, sum(value) over (partition by ref) <= lim as low from ruled where fault is null),
dutied as (select *, case when low then flat else (value * duty_bp + 5000) {div} 10000 end as duty,
    value * 1000 < grams * per_kg as under from summed)
select ref, sequence, case when is_vague or licence or under or party or (claimed and not proof) then 'hold' else 'release' end,
    currency, value, duty, ((value + duty) * tax_bp + 5000) {div} 10000,
    concat_ws(' ', case when low then 'D-FLAT' else 'D-RATE' end, case when low and proof then 'T-PREPAID' else 'T-DUE' end,
        case when is_vague then 'H-VAGUE' end, case when licence then 'H-LICENCE' end, case when under then 'H-VALUE' end,
        case when claimed and not proof then 'H-PROOF' end, case when party then 'H-PARTY' end)
from dutied
union all select distinct ref, 0, 'fault', null, null::bigint, null::bigint, null::bigint, fault from ruled where fault is not null
union all select distinct ref, -1, 'fault', null, null::bigint, null::bigint, null::bigint, 'F-DUPLICATE' from keyed where h <> h1
"""
KEYED = """keyed as (select *, first_value(h) over w as h1, row_number() over w as k from parsed window w as (partition by ref order by n)),
fresh as (select *, {tax_ok} as tax_ok, lower(sender_name) in (select name from listed) or lower(buyer_name) in (select name from listed)
    as party, case when sender_name is null or buyer_name is null or sender is null or destination is null or ucr is null or doc is null
        then 'F-MISSING'
        when sender not in (select code from country) or destination not in (select country from tax) then 'F-COUNTRY' end as head_fault
    from keyed where k = 1),"""
TAX_OK = (
    "case when tax_id ~ '^IM[0-9]{10}$' then ("
    + " + ".join(f"{i} * substr(tax_id, {i + 2}, 1)::int" for i in range(1, 10))
    + ") % 11 % 10 = substr(tax_id, 12, 1)::int else false end"
)
POSTGRES = (
    """insert into decision with
parsed as materialized (select n, md5(line) as h, j->>'functionalReferenceId' as ref, j->>'ucr' as ucr,
    j->>'transportContractDocumentId' as doc, j->>'importTaxId' as tax_id, j->'consignor'->>'name' as sender_name,
    j->'consignee'->>'name' as buyer_name, j->'consignor'->'address'->>'countryCode' as sender,
    j->'consignee'->'address'->>'countryCode' as destination, j->'goodsItems' as goods
    from (select n, line, line::jsonb as j from raw offset 0) x),
"""
    + KEYED.format(tax_ok=TAX_OK)
    + """
item as (select f.ref, head_fault, destination, tax_id, tax_ok, party, i.sequence,
    i."classificationHs6" as hs6, i.description, i.quantity,
    (i."invoiceAmount"->>'minor')::bigint as minor, i."invoiceAmount"->>'currency' as currency, i."originCountry" as origin,
    i."grossWeightGrams" as grams,
    i.sequence is null or i."classificationHs6" is null or i.description is null or i.quantity is null
        or i."invoiceAmount" is null or i."originCountry" is null or i."grossWeightGrams" is null as missing
    from fresh f cross join lateral jsonb_to_recordset(f.goods) as i(sequence int, "classificationHs6" text, description text,
        quantity int, "invoiceAmount" jsonb, "originCountry" text, "grossWeightGrams" bigint)),
"""
    + ASSESS.format(div="/")
)
# "offset 0" keeps the planner from parsing the line once for each field
DUCKDB = (
    """insert into decision with
parsed as materialized (select row_number() over () as n, md5(line) as h, j.functionalReferenceId as ref, j.ucr,
    j.transportContractDocumentId as doc, j.importTaxId as tax_id, j.consignor.name as sender_name, j.consignee.name as buyer_name,
    j.consignor.address.countryCode as sender, j.consignee.address.countryCode as destination, j.goodsItems as goods
    from (select json::varchar as line, from_json(json, '{shape}') as j from read_ndjson_objects('{path}'))),
"""
    + KEYED.format(tax_ok=TAX_OK).replace("{", "{{").replace("}", "}}")
    + """
item as (select ref, head_fault, destination, tax_id, tax_ok, party, i.sequence,
    i.classificationHs6 as hs6, i.description, i.quantity, i.invoiceAmount.minor as minor,
    i.invoiceAmount.currency as currency, i.originCountry as origin, i.grossWeightGrams as grams,
    i.sequence is null or i.classificationHs6 is null or i.description is null or i.quantity is null or i.invoiceAmount is null
        or i.originCountry is null or i.grossWeightGrams is null as missing
    from (select *, unnest(goods) as i from fresh)),
"""
    + ASSESS.replace("{div}", "//")
)
PARTY = {"name": "VARCHAR", "address": {"countryCode": "VARCHAR"}}
SHAPE = {
    "functionalReferenceId": "VARCHAR",
    "ucr": "VARCHAR",
    "transportContractDocumentId": "VARCHAR",
    "importTaxId": "VARCHAR",
    "consignor": PARTY,
    "consignee": PARTY,
    "goodsItems": [
        {
            "sequence": "INTEGER",
            "classificationHs6": "VARCHAR",
            "description": "VARCHAR",
            "quantity": "INTEGER",
            "invoiceAmount": {"minor": "BIGINT", "currency": "VARCHAR"},
            "originCountry": "VARCHAR",
            "grossWeightGrams": "BIGINT",
        }
    ],
}


def law_tables(execute, executemany, mark):
    """The law as tables, for either engine."""
    for name, columns, rows in (
        ("rate", "currency text, regime int, ppm bigint", [(c, r, v) for (c, r), v in law.RATE.items()]),
        (
            "regime",
            "regime int, currency text, lim bigint, flat bigint",
            list(zip(range(4), law.LAW_CURRENCIES, law.LIMIT, law.FLAT)),
        ),
        ("tax", "country text, regime int, tax_bp int", [(c, r, bp) for c, (r, bp) in law.TAX.items()]),
        (
            "hs",
            "hs6 text, regime int, duty int, duty_cn int, per_kg int, licence boolean",
            [
                (h, r, d[r] + law.SURCHARGE[r], d[r] + law.SURCHARGE_CN[r], d[4], bool(d[5]))
                for h, d in law.HS6.items()
                for r in range(4)
            ],
        ),
        ("country", "code text", [(c,) for c in law.COUNTRIES]),
        ("vague", "word text", [(w,) for w in law.VAGUE]),
        ("listed", "name text", [(n,) for n in sorted(parcels.listed_set())]),
    ):
        execute(f"drop table if exists {name}")
        execute(f"create table {name} ({columns})")
        executemany(f"insert into {name} values ({', '.join([mark] * len(rows[0]))})", rows)


def postgres_sql(batches, dsn, listed):
    """A worker's whole share: COPY the lines, then one INSERT ... SELECT."""
    with psycopg.connect(dsn) as conn:
        conn.execute("create temp table raw (n bigint generated always as identity, line text)")
        with conn.cursor().copy(
            "copy raw (line) from stdin (format csv, quote e'\\x01', delimiter e'\\x02')"
        ) as copy:
            for batch in batches:
                copy.write(b"".join(line for _, line in batch))
        conn.execute("analyze raw")
        conn.execute(POSTGRES)


def duckdb_sql(path, folder):
    """One process, two threads, a database file that is flushed at the end. -> figures, totals."""
    import duckdb

    with duckdb.connect(os.path.join(folder, "decisions.duckdb"), config={"threads": 2}) as db:
        db.execute("drop table if exists decision")
        db.execute(f"create table decision ({law.TABLE}, primary key (reference, sequence))")
        law_tables(db.execute, db.executemany, "?")
        db.execute("checkpoint")
        t, cpu, machine = time.perf_counter(), time.process_time(), floor.machine_cpu()
        db.execute(DUCKDB.format(shape=json.dumps(SHAPE), path=path))
        db.execute("checkpoint")
        t, cpu, machine = time.perf_counter() - t, time.process_time() - cpu, floor.machine_cpu() - machine
        totals = [tuple(r) for r in db.execute(law.TOTALS).fetchall()]
    return floor.figures(totals, t, cpu, 0, machine), totals


# ---- (e) screening of names against the list: names per second, planted names found, others flagged ----


def screening(count, runs):
    import numpy as np
    from rapidfuzz import fuzz, process, utils

    rng, listed = np.random.default_rng(3), parcels.listed_names()
    planted = {parcels.variant(rng, listed[i]) for i in rng.choice(len(listed), count // 10, replace=False)}
    queries = [parcels.name(rng, k % 2 == 0) for k in range(count - len(planted))] + sorted(planted)
    exact = frozenset(n.lower() for n in listed)
    choices = [utils.default_process(n) for n in listed]

    def naive():
        for k in range(0, len(queries), 500):
            some = [utils.default_process(q) for q in queries[k : k + 500]]
            best = process.cdist(
                some, choices, scorer=fuzz.token_sort_ratio, score_cutoff=88, workers=2, dtype=np.uint8
            ).max(axis=1)
            yield from (q for q, b in zip(queries[k : k + 500], best) if b)

    screens = {
        "exact set of lower-case names (in floor and peers)": lambda: (
            q for q in queries if q.lower() in exact
        ),
        "rapidfuzz cdist, every pair": naive,
    }
    try:
        from rigour.names import normalize_name, tokenize_name

        def key(n):
            return tuple(sorted(tokenize_name(normalize_name(n) or "")))

        keys = frozenset(map(key, listed))
        screens["rigour tokens, sorted, exact"] = lambda: (q for q in queries if key(q) in keys)
    except ImportError:
        pass
    for name, screen in screens.items():
        results = []
        for _ in range(runs):
            t = time.perf_counter()
            found = set(screen())
            results.append(
                {
                    "names_per_s": round(len(queries) / (time.perf_counter() - t)),
                    "found": round(len(found & planted) / len(planted), 3),
                    "flagged": len(found - planted),
                }
            )
        yield {
            "program": name,
            "names": len(queries),
            **sorted(results, key=lambda r: r["names_per_s"])[runs // 2],
        }


# name: work, part of the file that it gets, consignments per commit
PEERS = {
    "floor": (floor.work, 1, 8192),
    "floor, a commit per consignment": (floor.work_single, 1 / 20, 1),
    "openfisca, vector": (openfisca_vector, 1, 8192),
    "openfisca, single": (openfisca_single, 1 / 500, 1),
    "pydantic + sqlalchemy": (pydantic_sqlalchemy, 1, 1000),
    "pydantic + sqlalchemy, a commit per consignment": (pydantic_sqlalchemy, 1 / 40, 1),
    "postgres sql": (postgres_sql, 1, 8192),
    "duckdb sql": (duckdb_sql, 1, None),
}


def head(path, lines, folder):
    part = os.path.join(folder, f"head-{lines}.ndjson")
    with open(path, "rb") as f, open(part, "wb") as out:
        out.writelines(itertools.islice(f, lines))
    return part


def main():
    p = floor.arguments(__doc__, 200_000)
    p.add_argument("--only", help="peers whose name holds this, or 'screening'", default="")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder, pg.server() as dsn:
        path = floor.input_file(a, folder)
        with psycopg.connect(dsn, autocommit=True) as conn:
            law_tables(conn.execute, conn.cursor().executemany, "%s")
            conn.execute("vacuum analyze")
        with open(path, "rb") as f:
            lines = sum(1 for _ in f)
        for name, (work, share, size) in PEERS.items():
            if a.only not in name:
                continue
            part, results = head(path, max(100, int(lines * share)), folder), []
            want = floor.expected(part)
            for _ in range(a.runs):  # a run of the floor before each: the machine's speed drifts
                base, _ = floor.run(floor.work, path, dsn)
                result, totals = floor.run(work, part, dsn, size=size) if size else work(part, folder)
                assert totals == want, f"{name}: totals differ from the reference: {set(totals) ^ set(want)}"
                results.append(
                    result
                    | {
                        "floor_then": base["items_per_s"],
                        "of_floor": round(result["items_per_s"] / base["items_per_s"], 4),
                    }
                )
            middle = floor.median(results) | {"of_floor": sorted(r["of_floor"] for r in results)[a.runs // 2]}
            print(json.dumps({"program": name, **middle}), flush=True)
    if a.only in "screening":
        for row in screening(10_000, a.runs):
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
