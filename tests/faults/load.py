"""Load that gives in to nothing: what is not answered is sent again, and every answer is kept."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, ClassVar

from tests.faults.serving import NDJSON, Serving, encoded, ndjson, parcel

LINES = 150


@dataclass
class Clients:
    """Threads of one party that go on until they are told to stop. patience_s: how long one may take then."""

    patience_s: ClassVar[float] = 120

    node: Serving
    key: str
    prefix: str
    clients: int = 4
    _is_ending: threading.Event = field(default_factory=threading.Event, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _threads: list[threading.Thread] = field(default_factory=list, init=False)

    def start(self) -> None:
        """Let all of them begin."""
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(self.clients)]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Let every client complete what it has begun."""
        self._is_ending.set()
        for thread in self._threads:
            thread.join(self.patience_s)
            assert not thread.is_alive(), "a client never got its answer"

    def _work(self, client: int) -> None:
        """Do one thing after the other, until `_is_ending`."""
        raise NotImplementedError


@dataclass
class Load(Clients):
    """Clients of one party that send files and single parcels until they are told to stop.

    answers: by reference. troubles: what came instead of an answer, counted. pause_s: after each file
    and parcel.
    """

    pause_s: float = 0.0
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)
    unanswered: set[str] = field(default_factory=set)

    def await_answers(self, count: int, patience_s: float = 60) -> None:
        """Wait until so many more have been answered."""
        wanted, end = len(self.answers) + count, time.monotonic() + patience_s
        while len(self.answers) < wanted:
            assert time.monotonic() < end, f"{len(self.answers)} answers, {dict(self.troubles)}"
            time.sleep(0.05)

    def _work(self, client: int) -> None:
        number = 0
        while not self._is_ending.is_set():
            references = [f"{self.prefix}-{client}-{number}-{line}" for line in range(LINES)]
            self._send_until_answered(references)
            self._send_until_answered([f"{self.prefix}-{client}-{number}-one"])
            number += 1
            time.sleep(self.pause_s)

    def _send_until_answered(self, references: list[str]) -> None:
        end = time.monotonic() + 110
        while time.monotonic() < end:
            if self._send(references):
                return
            time.sleep(0.1)
        with self._lock:
            self.unanswered.update(references)

    def _send(self, references: list[str]) -> bool:
        is_one = len(references) == 1
        body = encoded(parcel(references[0])) if is_one else ndjson([parcel(one) for one in references])
        try:
            reply = self.node.send(body, self.key, "application/json" if is_one else NDJSON)
        except (OSError, HTTPException) as fault:
            self._trouble(type(fault).__name__)
            return False
        if reply.status not in (200, 201):
            is_json = reply.content.startswith(b"{")
            self._trouble(f"{reply.status} {reply.json().get('code') if is_json else reply.content[:40]!r}")
            return False
        lines = [json.loads(line) for line in reply.content.splitlines() if line.endswith(b"}")]
        with self._lock:
            # An answered line is decided and durable, whether or not the file was answered whole.
            self.answers |= {one["reference"]: one for one in lines if one.get("decision")}
        if is_one or (lines[-1].get("complete") and "not-accepted" not in lines[-1]["counts"]):
            return True
        why = next((one["problem"]["code"] for one in lines if one.get("status") == "not-accepted"), None)
        self._trouble(f"not accepted {why}" if why else f"stopped {lines[-1].get('problem', {}).get('code')}")
        return False

    def _trouble(self, what: str) -> None:
        with self._lock:
            self.troubles[what] += 1
