"""Ids of what exists on the server under trial, put into requests now and then."""

import re
from contextlib import suppress
from random import Random
from typing import Any, Final

import msgspec
import requests
from serai.foundation.clock import SystemClock
from serai.journey.messaging.registry import MESSAGE_EXCHANGES
from serai.laboratory.invented.parcels import consignments

from tools.campaign.bodies import LIST_KIND, LIST_NAME
from tools.campaign.furnishing import Furnished, Furnisher
from tools.campaign.samples import samples_of
from tools.campaign.sound_bodies import NOWHERE

_PATIENCE_S: Final = 60
_PARCELS_COUNT: Final = 20
_OFTEN: Final = 0.6
_WAIT_S: Final = 0.05


_LISTS: Final = ("/v1/epcis/events", "/v1/epcis/capture", "/v1/webhooks", "/v1/pre-loading-assessments")
_ID: Final = re.compile(
    r'"(document_id|decision_id|person_id|assessment|assessment_id|captureID|eventID|webhook)":"([^"]{1,100})"'
)
_DECISION: Final = "/v1/cases/{case_id}/decisions/{decision_id}"
_WITHDRAWN: Final = ("orders", "payments", "transport-documents", "returns")
_ASKED_AS: Final = {
    **{(f"/v1/{kind}/{{reference}}/withdrawal", "reference"): kind for kind in _WITHDRAWN},
    ("/v1/transport-documents/{reference}/pre-loading", "reference"): "awaited",
    ("/v1/transport-documents/{reference}/screening", "reference"): "screened",
    ("/v1/scorecards/{party}/disputes", "party"): "own_party",
    ("/v1/scorecards/{party}/disputes/{dispute}/answer", "party"): "own_party",
    ("/v1/epcis/queries/{query_name}/events", "query_name"): "kept_query",
    ("/v1/cases/{case_id}/people", "case_id"): "released_case",
}
"""Where a parameter asks for something else than its name says elsewhere."""
_PARAMETERS: Final = {"assessment_id": "assessment", "captureID": "capture_id", "eventID": "event_id"}


class KnownIds:
    """Files parcels, learns what there is, and names it in requests. Never its own party or key: a campaign
    that takes its own rights away tries nothing more.
    """

    def __init__(self, url: str, key: str) -> None:
        """Speak to the server at `url` with a key that may do everything."""
        self._url, self._session = url, requests.Session()
        self._session.headers["authorization"] = f"Bearer {key}"
        self._session.headers["accept"] = "application/json"
        self._rounds_count = 0
        self.furnished = Furnished({}, [], [])
        self._known: dict[str, list[str]] = {
            "standard": [*MESSAGE_EXCHANGES, "epcis", "json"],
            "query_name": ["arrived"],
            "code": ["EU", "GB", "SG", "input-faulty", "not-found"],
            "before": ["EU-2021", "GB-2021"],
            "after": ["EU-2026", "GB-2021"],
            "role": ["seller", "carrier"],
            "kind": ["exchange-rates", "denied-parties"],
            "path": ["0/000", "entries/000", "0/000.p/5"],
        }
        self._decided: list[tuple[str, str]] = []
        self._at = SystemClock().now()
        self._furnisher = Furnisher(url, self._session, self._at)
        self.put_list_back()

    def put_list_back(self) -> None:
        """Put the sound list of denied parties in force that requests may have replaced by a spoilt one."""
        answer = self._session.post(
            f"{self._url}/v1/lists/{LIST_KIND}",
            params={"name": LIST_NAME},
            data=samples_of(f"{LIST_KIND}.csv")[0],
            headers={"content-type": "text/csv"},
            timeout=_PATIENCE_S,
        )
        assert answer.ok, answer.text

    def file_parcels(self, prefix: str) -> list[Any]:
        """File sound parcels under references of their own; return the answers."""
        lines = [
            msgspec.json.encode({**one, "reference": prefix + one["reference"]})
            for one in consignments(_PARCELS_COUNT, 1, at=self._at, first_acceptance=self._at)
        ]
        answer = self._session.post(
            f"{self._url}/v1/declarations",
            data=b"\n".join(lines),
            headers={"content-type": "application/x-ndjson"},
            timeout=_PATIENCE_S,
        )
        assert answer.status_code == 200, answer.text
        answers = [msgspec.json.decode(line) for line in answer.content.strip().split(b"\n")][:-1]
        self._add("reference", [one.get("reference") for one in answers])
        self._add("case_id", [one.get("case_id") for one in answers])
        decisions = [dict(one.get("decision", {})).get("decision_id") for one in answers]
        self._add("decision_id", decisions)
        self._decided += [
            (one["case_id"], decision) for one, decision in zip(answers, decisions, strict=True) if decision
        ]
        return answers

    def learn(self) -> None:
        """Make what requests ask for, a party that may lose its roles and keys, and learn of what was made by
        chance.
        """
        self._rounds_count += 1
        self.furnished = self._furnisher.furnish(str(self._rounds_count))
        self._known |= self.furnished.ids
        made = self._session.post(
            f"{self._url}/v1/parties",
            json={"name": "Somebody", "roles": ["seller"], "reference": f"SOMEBODY-{self._rounds_count}"},
            timeout=_PATIENCE_S,
        )
        self._add("party", [made.json().get("party")] if made.ok else [])
        for name in self._known.get("party", [])[-1:]:
            key = self._session.post(
                f"{self._url}/v1/parties/{name}/keys",
                json={"scopes": ["reading"], "reference": f"KEY-{self._rounds_count}"},
                timeout=_PATIENCE_S,
            )
            self._add("key", [key.json().get("key")] if key.ok else [])
        self._session.post(
            f"{self._url}/v1/webhooks",
            json={"reference": f"HOOK-{self._rounds_count}", "url": NOWHERE},
            timeout=_PATIENCE_S,
        )
        cases = [f"/v1/cases/{one}" for one in self._known.get("case_id", [])[-3:]]
        for path in (*_LISTS, *cases, *(f"{one}/history" for one in cases)):
            answer = self._session.get(self._url + path, timeout=_PATIENCE_S)
            for field, found in _ID.findall(answer.text):
                self._add(_PARAMETERS.get(field, field), [found])

    def put_into(self, case: Any, random: Random) -> None:
        """Name what exists in a request, more often than not; wait for nothing long; reach nobody else."""
        for name in case.path_parameters or {}:
            known = self._known.get(_ASKED_AS.get((case.path, name), name))
            if known and random.random() < _OFTEN:
                case.path_parameters[name] = random.choice(known)
        if case.path == _DECISION and random.random() < _OFTEN:
            # Each exists for itself; asked for together, they must belong together.
            case.path_parameters |= dict(
                zip(("case_id", "decision_id"), random.choice(self._decided), strict=True)
            )
        query = case.query if isinstance(case.query, dict) else {}
        if case.path == "/v1/cases/{case_id}/people" and random.random() < _OFTEN:
            query["purpose"] = "examination"
        with suppress(TypeError, ValueError):
            if float(query.get("wait_s", 0)) > _WAIT_S:
                query["wait_s"] = _WAIT_S
        if isinstance(case.body, dict) and isinstance(case.body.get("url"), str):
            case.body["url"] = NOWHERE if random.random() < 0.5 else case.body["url"].replace("://", ":")

    def _add(self, name: str, ids: list[Any]) -> None:
        kept = [*self._known.get(name, []), *(str(one) for one in ids if one)]
        self._known[name] = list(dict.fromkeys(kept))[-200:]
