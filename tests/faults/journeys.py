"""Journeys under load: each parcel's order, payment, waybill, declaration, arrival and payment of charges,
each sent until it is answered, however often the node falls over in between.
"""

import time
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, ClassVar

from tests.faults.load import Clients
from tests.faults.serving import encoded
from tests.scenarios.registered import arrival, declaration, order, payment, waybill

_TRIES_S = 110.0


@dataclass
class Journeys(Clients):
    """Clients of one party that is everybody in its parcels. paid: by case, what the payment was answered;
    receipts: of every document and act; unfinished: steps that were never answered as they must be."""

    patience_s: ClassVar[float] = _TRIES_S * 7

    clients: int = 2
    paid: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: list[Any] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)

    def _work(self, client: int) -> None:
        number = 0
        while not self._is_ending.is_set():
            name = f"{self.prefix}-{client}-{number}"
            try:
                self._make(name)
            except TimeoutError as step:
                with self._lock:
                    self.unfinished.append(str(step))
            number += 1

    def _make(self, name: str) -> None:
        for path, document in (
            ("/v1/orders", order(name)),
            ("/v1/payments", payment(name)),
            ("/v1/transport-documents", waybill(name)),
        ):
            self._do(path, document)
        case = self._do("/v1/declarations", declaration(name))["case_id"]
        self._do("/v1/arrivals", arrival(name))
        charges = {"kind": "paid", "currency_code": "EUR", "amount": "100.00"}
        done = self._do(f"/v1/cases/{case}/payment-records", {"reference": f"PAID-{name}"} | charges)
        with self._lock:
            self.paid[case] = done

    def _do(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send until it is taken; the same again after an answer that got lost is no second one."""
        end, last = time.monotonic() + _TRIES_S, ""
        while time.monotonic() < end:
            try:
                reply = self.node.send(encoded(body), self.key, path=path, timeout_s=30)
            except (OSError, HTTPException) as fault:
                last = type(fault).__name__
            else:
                if reply.status in (200, 201):
                    answer: dict[str, Any] = reply.json()
                    self._keep(answer)
                    return answer
                last = f"{reply.status} {reply.content[:300].decode(errors='replace')}"
            time.sleep(0.2)
        raise TimeoutError(f"{path} {body['reference']}: {last}")

    def _keep(self, answer: dict[str, Any]) -> None:
        if "receipt" in answer:
            with self._lock:
                self.receipts.append(answer["receipt"])
