"""`python -m tests.faults.money_storm --rounds 20 --seed 1`: money under acts by chance, with kills.

Four web processes on one database; clients declare, let arrive, pay too little and too much, take back,
amend, invalidate, secure with one guarantee, import bank statements, order back and withdraw, all on the
same few cases, each request again until it is answered, while web processes and the database are killed with
-9. After each round all of tests/faults/money_books.py must hold. Figures of each round are kept as soon as
it ends, and a run that was ended goes on behind them. Exit code 1 where anything was found.
"""

import argparse
import random
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from http.client import HTTPException
from os import kill
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg

from serai.formats.iso20022.message import BankMessage, Entry, Statement
from serai.formats.iso20022.write_statement import write_bank_message
from serai.foundation.database import Database
from serai.foundation.ids import IdSource
from serai.journey.guarantees import store as guarantee_store
from serai.journey.guarantees.store import Guarantee
from serai.journey.revenue.payment_advice import reference_of_case
from tests.faults.money_books import find_faults
from tests.faults.serving import JSON, XML, Serving, encoded, serving, short_folder
from tests.formats.iso20022.messages import AT, OWN, PAYER, entry, transaction
from tests.scenarios.registered import arrival, declaration

FIGURES: Final = Path(__file__).parents[2] / "docs" / "reference" / "money-storm.json"
CLIENTS: Final = 8
_TRIES_S: Final = 90.0
_GUARANTEE: Final = "STORM-1"
_GUARANTEE_MINOR: Final = 2_000


class Round(msgspec.Struct, frozen=True):
    """What one node bore. answers: by what was asked and the status of the answer; kills: by what was killed;
    postings_count: entered in the end."""

    seed: int
    answers: dict[str, int]
    kills: dict[str, int]
    postings_count: int
    faults: list[str]


class Storm:
    """Clients that act on the same cases, by chance."""

    def __init__(self, node: Serving, seed: int, cases_count: int) -> None:
        self.node, self.seed, self.cases_count = node, seed, cases_count
        self.party_id, self.trader = node.add_party("Invented Trader", "declarant", "carrier")
        _, self.officer = node.add_party("Invented Office", "officer")
        self.answers: Counter[str] = Counter()
        self.unanswered: list[str] = []
        self.cases: list[tuple[str, str]] = []
        self.acts: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        node.work(self._register_guarantee)

    async def _register_guarantee(self, database: Database, ids: IdSource, at: Any) -> None:
        guarantee = Guarantee(
            guarantee_id=int(ids.take(1)[0]),
            party_id=self.party_id,
            number=_GUARANTEE,
            kind="comprehensive",
            guarantor="Invented Bank",
            currency_code="EUR",
            reference_amount_minor=_GUARANTEE_MINOR,
            valid_from=at,
            valid_to=None,
            registered_at=at,
        )
        async with database.write() as connection:
            await guarantee_store.insert_guarantee(connection, guarantee, administration_id=1)

    def run(self, steps_count: int) -> None:
        """Let each client do so many things."""
        threads = [threading.Thread(target=self._client, args=(one, steps_count)) for one in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _client(self, number: int, steps_count: int) -> None:
        rng = random.Random(self.seed * 1_000 + number)
        doings = [self._pay, self._pay, self._pay, self._take_back, self._amend, self._secure,
        self._statement, self._order_back, self._withdraw_order, self._arrive, self._invalidate]  # fmt: skip
        for step in range(steps_count):
            name = f"S{self.seed}-{number}-{step}"
            if len(self.cases) < self.cases_count:
                self._declare(name)
                continue
            try:
                rng.choice(doings)(rng, name)
            except (KeyError, ValueError, TypeError) as fault:
                with self._lock:
                    self.unanswered.append(f"an answer that nobody understands: {fault!r}")

    def _declare(self, name: str) -> None:
        answer = self._ask("/v1/declarations", self.trader, self._declaration(name))
        if answer is not None:
            with self._lock:
                self.cases.append((name, answer["case_id"]))

    def _declaration(self, name: str, **changes: Any) -> dict[str, Any]:
        made = declaration(name)
        amount = changes.pop("amount", None)
        if amount is not None:
            made["goods_items"][0]["invoice_amount"] = amount
        return {**made, **changes}

    def _arrive(self, rng: random.Random, _name: str) -> None:
        reference, _ = rng.choice(self.cases)
        self._ask("/v1/arrivals", self.trader, arrival(reference))

    def _amend(self, rng: random.Random, name: str) -> None:
        reference, _ = rng.choice(self.cases)
        amount = f"{rng.randrange(1, 140)}.{rng.randrange(100):02}"
        change = {"amends_version": rng.choice([1, 1, 2, 3]), "amendment_reason": f"a price of {name}"}
        self._ask("/v1/declarations", self.trader, self._declaration(reference, amount=amount, **change))

    def _invalidate(self, rng: random.Random, _name: str) -> None:
        if rng.random() < 0.2:
            reference, _ = rng.choice(self.cases)
            body = {"expected_version": rng.choice([1, 2]), "reason": "not sold"}
            self._ask(f"/v1/declarations/D-{reference}/invalidation", self.trader, body)

    def _pay(self, rng: random.Random, name: str) -> None:
        _, case = rng.choice(self.cases)
        amount = rng.choice(
            ["0.01", "3.00", "8.00", "50.00", f"{rng.randrange(1, 60)}.{rng.randrange(100):02}"]
        )
        body = {"reference": name, "kind": "paid", "currency_code": "EUR", "amount": amount}
        answer = self._ask(f"/v1/cases/{case}/payment-records", rng.choice([self.trader, self.officer]), body)
        self._keep(case, answer)

    def _secure(self, rng: random.Random, name: str) -> None:
        _, case = rng.choice(self.cases)
        body = {"reference": name, "kind": "secured", "currency_code": "EUR", "account": _GUARANTEE}
        amount = f"{rng.randrange(1, 15)}.00"
        answer = self._ask(f"/v1/cases/{case}/payment-records", self.trader, {**body, "amount": amount})
        self._keep(case, answer)

    def _take_back(self, rng: random.Random, name: str) -> None:
        if self.acts:
            case, act = rng.choice(self.acts)
            body = {"reference": name, "kind": "reversal", "reverses": act, "reason_code": "payment-bounced"}
            self._ask(f"/v1/cases/{case}/acts", self.officer, body)

    def _order_back(self, rng: random.Random, _name: str) -> None:
        cases = sorted({case for _, case in rng.sample(self.cases, min(3, len(self.cases)))})
        self._ask("/v1/refund-orders", self.officer, {"cases": cases})

    def _withdraw_order(self, rng: random.Random, _name: str) -> None:
        page = self._get("/v1/refund-orders?status=ordered&limit=20", self.officer)
        if page and page["orders"]:
            order = rng.choice(page["orders"])
            self._ask(f"/v1/refund-orders/{order['order']}/withdrawal", self.officer, {})

    def _statement(self, rng: random.Random, name: str) -> None:
        movements = [self._movement(rng, f"{name}-{place}") for place in range(rng.randrange(1, 6))]
        statement = Statement(
            pointer="", identification=name, account=OWN, created_at=AT, entries=tuple(movements)
        )
        message = BankMessage(
            message="camt.054", version=8, identification=f"M-{name}", created_at=AT, statements=(statement,)
        )
        content = write_bank_message(message)
        self._ask("/v1/bank-statements", self.officer, content)
        # Once more, as banks do.
        self._ask("/v1/bank-statements", self.officer, content)

    def _movement(self, rng: random.Random, name: str) -> Entry:
        _, case = rng.choice(self.cases)
        amount_minor = rng.choice([300, 832, rng.randrange(1, 6_000)])
        one = transaction(
            amount_minor, f"E2E-{name}", creditor_reference=reference_of_case(case), debtor_account=PAYER
        )
        return entry(amount_minor, name, one)

    def _keep(self, case: str, answer: Any) -> None:
        if answer is not None and "act_id" in answer:
            with self._lock:
                self.acts.append((case, answer["act_id"]))

    def _get(self, path: str, key: str) -> Any:
        with suppress(OSError, HTTPException):
            reply = self.node.get(path, key, timeout_s=30)
            return reply.json() if reply.status == 200 else None
        return None

    def _ask(self, path: str, key: str, body: Any) -> Any:
        """Ask until it is answered; None: it is refused. The same again is no second one."""
        content, form = (body, XML) if isinstance(body, bytes) else (encoded(body), JSON)
        end, last = time.monotonic() + _TRIES_S, ""
        kind = "/".join(word for word in path.split("/") if word and not any(map(str.isdigit, word[2:])))
        while time.monotonic() < end:
            try:
                reply = self.node.send(content, key, form, path=path, timeout_s=30)
            except (OSError, HTTPException) as fault:
                last = type(fault).__name__
            else:
                if reply.status < 500 and reply.status != 429:
                    with self._lock:
                        self.answers[f"{kind} {reply.status}"] += 1
                    return reply.json() if reply.status in (200, 201) else None
                last = f"{reply.status} {reply.content[:200].decode(errors='replace')}"
            time.sleep(0.1)
        with self._lock:
            self.unanswered.append(f"never answered: {path}: {last}")
        return None


class Killer(threading.Thread):
    """Kills web processes, now and then the database, until it is told to stop."""

    def __init__(self, node: Serving, seed: int, pause_s: float) -> None:
        super().__init__()
        self._node, self._rng, self._pause_s = node, random.Random(seed), pause_s
        self._is_ending = threading.Event()
        self.kills: Counter[str] = Counter()

    def run(self) -> None:
        """Kill one, wait, kill the next."""
        while not self._is_ending.wait(self._pause_s * self._rng.uniform(0.5, 1.5)):
            name = self._rng.choice(["web process", "web process", "web process", "database"])
            # What a kill before brought down may not be up yet.
            with suppress(OSError, IndexError, psycopg.OperationalError):
                process_id = (
                    self._node.database_process_id()
                    if name == "database"
                    else self._rng.choice(self._node.web_process_ids())
                )
                kill(process_id, signal.SIGKILL)
                self.kills[name] += 1

    def finish(self) -> None:
        """Kill nobody any more."""
        self._is_ending.set()
        self.join()


def run_round(seed: int, *, steps_count: int, cases_count: int, pause_s: float) -> Round:
    """Start a node of four processes, let clients act and processes die, and look at the books."""
    environment = {"SERAI_PAYMENT_ACCOUNTS": OWN.iban, "SERAI_APPROVAL_KINDS": "none"}
    with short_folder() as folder, serving(folder, workers=4, environment=environment) as node:
        storm, killer = Storm(node, seed, cases_count), Killer(node, seed, pause_s)
        killer.start()
        try:
            storm.run(steps_count)
        finally:
            killer.finish()
        node.await_ready()
        faults = storm.unanswered + find_faults(node)
        ((postings_count,),) = node.rows("SELECT count(*) FROM ledger_posting")
    return Round(seed, dict(sorted(storm.answers.items())), dict(killer.kills), int(postings_count), faults)


def main() -> int:
    """Go on behind the rounds that are kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--figures", type=Path, default=FIGURES)
    chosen = parser.parse_args()
    kept = (
        msgspec.json.decode(chosen.figures.read_bytes(), type=list[Round]) if chosen.figures.exists() else []
    )
    for seed in range(chosen.seed + len(kept), chosen.seed + chosen.rounds):
        kept.append(run_round(seed, steps_count=40, cases_count=10, pause_s=2.5))
        chosen.figures.write_bytes(msgspec.json.format(msgspec.json.encode(kept)) + b"\n")
        sys.stdout.write(
            f"round {seed}: {sum(kept[-1].kills.values())} kills, {kept[-1].faults or 'nothing'}\n"
        )
        sys.stdout.flush()
    return 1 if any(one.faults for one in kept) else 0


if __name__ == "__main__":
    sys.exit(main())
