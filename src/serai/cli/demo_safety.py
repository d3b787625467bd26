"""The safety part of `serai demo`: what an agency and two officers do in it, by the same doors as anybody."""

import contextlib
import time
from typing import Any, Final, NamedTuple

from serai.cli.demo_node import Kept
from serai.laboratory.demo import safety
from serai.laboratory.demo.persons import OtherwiseNowError, Person
from serai.laboratory.demo.sending import Answered, ConnectionToServer
from serai.laboratory.demo.story import CONSIGNMENTS, NamedStory

_ASKING: Final = ("agency", "post", "carrier")
_PATIENCE_S: Final = 30
_LOOK_S: Final = 0.25
_EXAMINING_S: Final = 6
"""So long examinations are recorded at most: who opens a demo wants to see it."""


class Links(NamedTuple):
    """Paths that sign in once: of the two officers who act in the demo."""

    first: str
    second: str


class SafetyStory:
    """A rule and a budget by four eyes, a recall, a permit; later some of what was selected is examined."""

    def __init__(self, host: str, port: int, kept: Kept, links: Links) -> None:
        self._kept = kept
        self._first = Person.by_link(host, port, links.first)
        self._second = Person.by_link(host, port, links.second)
        self._parties = {role: Person.by_key(host, port, kept.keys[role]) for role in _ASKING}
        self._parcels = ConnectionToServer(host, port)
        self._selected: list[tuple[str, str]] = []
        self.told: list[dict[str, Any]] = []

    def close(self) -> None:
        """Close all connections."""
        self._parcels.close()
        for one in (self._first, self._second, *self._parties.values()):
            one.close()

    def begin(self, count: int) -> None:
        """Do what has to be there before `count` parcels come. Again changes nothing but the budget."""
        # The named parcels come before the budget, else chance might select one of them.
        self._recall_a_batch()
        self._write_off_a_permit()
        self._wait_for(self._put_in_force(count))

    def notice(self, answered: Answered, role: str) -> None:
        """Note which parcels of a declarant are to be examined; some are enough. Several threads may say
        so.
        """
        if len(self._selected) < safety.EXAMINED_COUNT:
            self._selected += [
                (one.case_id, role)
                for one in answered.answers
                if one.case_id and one.became == "decided" and one.decision and one.decision.lane == "examine"
            ]

    def end(self) -> int:
        """Examine some of what was selected, and note what has become of the named parcels meanwhile; return
        how many were examined.
        """
        done = self._examine()
        for story in self.told:
            cases = [page.rpartition("/")[2] for page in story["pages"]]
            story["lanes"] = [self._status(one) for one in cases]
        return done

    def _examine(self) -> int:
        """Record what the examinations of the first selected parcels have found; return of how many."""
        done, end = 0, time.monotonic() + _EXAMINING_S
        for place, (case_id, role) in enumerate(self._selected[: safety.EXAMINED_COUNT]):
            if time.monotonic() > end:
                break
            with contextlib.suppress(OtherwiseNowError):
                result = safety.result_of(place)
                self._act(case_id, {"kind": "examination-ordered", "reason_code": "control"})
                # Whoever declared the goods reads it, so nobody has to be told by letter.
                self._parties[role].ask("GET", f"/v1/cases/{case_id}/decision?include=text")
                recorded = {"kind": "examination-recorded", "reason_code": "examined"}
                self._act(case_id, {**recorded, "result_code": result})
                if result == safety.CONFORMS:
                    self._act(case_id, {"kind": "release", "reason_code": "examined"})
                done += 1
        return done

    def _put_in_force(self, count: int) -> int:
        """One officer proposes rule and budget, another approves them; return the generation of law."""
        risk = self._first.ask("GET", "/v1/risk")
        if all(one["rule_id"] != safety.RULE_ID for one in risk["rules"]):
            self._by_four_eyes(f"/v1/risk/rules/{safety.RULE_ID}", safety.RULE)
        budget = safety.budget_of(count)
        if any(risk["budget"][name] != value for name, value in budget.items()):
            self._by_four_eyes("/v1/risk/budget", budget)
        return int(self._first.ask("GET", "/v1/risk")["generation"])

    def _by_four_eyes(self, path: str, body: object) -> None:
        waiting = self._first.ask("PUT", path, body)
        approval = {"content_sha256": waiting["content_sha256"]}
        self._second.ask("POST", f"/v1/proposals/{waiting['proposal']}/approval", approval)

    def _write_off_a_permit(self) -> None:
        agencies = self._first.ask("GET", "/v1/agencies")
        if all(one["rule_id"] != safety.PERMITS_RULE for one in agencies["remits"]):
            remit = {"party": self._agency_number(), "rule_id": safety.PERMITS_RULE}
            self._first.ask("POST", "/v1/agencies/remits", remit)
        self._parties["agency"].ask("POST", "/v1/permits", safety.permit_terms(self._kept.named_at))
        self._send(safety.permit_parcels(self._kept.named_at))

    def _agency_number(self) -> str:
        found = self._first.ask("GET", "/v1/parties?limit=1000")["parties"]
        return str(next(one["party"] for one in found if "agency" in one["roles"]))

    def _recall_a_batch(self) -> None:
        story = safety.recalled_parcels(self._kept.named_at)
        self._send(story)
        self._parties["agency"].ask("POST", "/v1/recalls", safety.recall_of_sets())

    def _send(self, story: NamedStory) -> None:
        pages = []
        for message in story.messages:
            key = self._kept.keys[message.role]
            answered = self._parcels.send(CONSIGNMENTS, key, message.content, message.media_type)
            pages += [f"/parcels/{one.case_id}" for one in answered.answers if one.case_id]
        self.told.append({"title": story.title, "what_to_see": story.what_to_see, "pages": pages})

    def _status(self, case_id: str) -> str:
        """Return the lane of a case, or that a measure keeps it."""
        decision = self._first.ask("GET", f"/v1/cases/{case_id}/decision")["decision"]
        return str(decision["status"] if decision["status"] == "suspended" else decision["lane"])

    def _act(self, case_id: str, act: dict[str, str]) -> None:
        read = self._first.ask("GET", f"/v1/cases/{case_id}/decision")["decision"]["decision_id"]
        body = {"reference": f"DEMO-{case_id}-{act['kind']}", "expected_decision_id": read, **act}
        self._first.ask("POST", f"/v1/cases/{case_id}/acts", body)

    def _wait_for(self, generation: int) -> None:
        """Wait until the server has taken the law up; its processes do within a second of one another."""
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            checks = self._first.ask("GET", "/readyz")["checks"]
            if any(f"generation {generation}," in one["detail"] for one in checks):
                return
            time.sleep(_LOOK_S)
