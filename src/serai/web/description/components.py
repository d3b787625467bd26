"""Schemas of the structs of the wire: every property with meaning, unit, list and example; closed lists as
enumerations."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

import msgspec

from serai.formats.decoded import KINDS
from serai.foundation.access.actor import ADMINISTRATION, Role
from serai.foundation.access.administering import ActKind
from serai.journey.acts.agencies.seen import SAID_KINDS
from serai.journey.acts.api import ORDER_KINDS
from serai.journey.acts.appeals import APPEAL_KINDS
from serai.journey.acts.units.service import UNIT_MEASURES
from serai.journey.case_records.answers import MOMENT_KINDS
from serai.journey.consignments.store import EVENT_KINDS
from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.store import DECISION_KINDS
from serai.journey.law_in_force.list_files import LIST_KINDS
from serai.journey.notifications.sending import Outcome
from serai.journey.preloading.required_data import OUTCOMES
from serai.journey.statistics.published import ENDINGS, HOLDING_KINDS
from serai.model.acts import ACT_KINDS, MEASURES, SUBJECT_KINDS
from serai.model.code_lists import CHANNEL_CODES, SALE_NATURE_CODES
from serai.model.debtors import DEBTORS
from serai.model.documents import PERSON_ROLES
from serai.model.fields import describe_field
from serai.model.frames import LANES, MATCH_VERDICTS, STATUSES
from serai.model.packed_detail import CHARGE_KINDS

REF: Final = "#/components/schemas/"
_ROLES: Final = tuple(role.value for role in Role)
_OWN_ROLES: Final = tuple(role.value for role in Role if role in ADMINISTRATION)
_OUTCOMES: Final = ("decided", "recorded", "repeated", "rejected", "refused", "failed", "not-accepted")
_CLOSED: Final[dict[str, Sequence[str]]] = {
    "lane": LANES,
    "debtor": (*DEBTORS, "none"),
    "due": ("border", "sale", "buyer_return", "none"),
    "logistics_channel_code": CHANNEL_CODES,
    "sale_nature_code": SALE_NATURE_CODES,
    "severity": ("fault", "hold", "advice"),
    "PersonOut.role": PERSON_ROLES,
    "ListedName.role": PERSON_ROLES,
    "NameVerdictIn.role": PERSON_ROLES,
    "document_kind": tuple(KINDS),
    "DocumentOut.kind": tuple(KINDS),
    "ChargeOut.kind": CHARGE_KINDS,
    "ChargeExplained.kind": CHARGE_KINDS,
    "DecisionOut.kind": DECISION_KINDS,
    "PreloadingOut.kind": DECISION_KINDS[:1],
    "PreloadingOut.outcome": OUTCOMES,
    "ActOut.kind": get_args(ActKind),
    "CaseActOut.kind": tuple(ACT_KINDS),
    "AgencySaid.kind": SAID_KINDS,
    "NoticeOut.event_kind": EVENT_KINDS,
    "HitClosed.kind": ("recall-hit-closed",),
    "CaseActOut.subject_kind": SUBJECT_KINDS,
    "CaseAct.kind": ORDER_KINDS,
    "BulkAct.kind": MEASURES,
    "EndedMeasures.kind": HOLDING_KINDS,
    "EndedMeasures.outcome": (*ENDINGS, "taken-back", "open"),
    "UnitActDone.kind": UNIT_MEASURES,
    "UnitActSeen.kind": UNIT_MEASURES,
    "CaseAct.intended_kind": ("reversal", *MEASURES),
    "ActDone.kind": (
        *ORDER_KINDS,
        *APPEAL_KINDS,
        "match-joined",
        "match-parted",
        "custody-settled",
        "review-request",
        "review-upheld",
        "review-set-aside",
    ),
    "ListName.kind": LIST_KINDS,
    "ListOut.kind": LIST_KINDS,
    "ImportedOut.kind": LIST_KINDS,
    "MatchOut.verdict": MATCH_VERDICTS,
    "EnvelopeOut.status": ("recorded", "repeated"),
    "DocumentOut.role": ("declarant", "seller", "payment_provider", "carrier"),
    "Moment.kind": MOMENT_KINDS,
    "Moment.status": (*STATUSES, *OUTCOMES),
    "PaymentRecorded.status": ("settled", "insufficient"),
    "ArrivalOut.status": (*_OUTCOMES, "not-reported"),
    "DisputeOut.state": ("open", "upheld", "declined"),
    "WebhookOut.state": ("active", "off"),
    "WebhookOut.kinds": EVENT_KINDS,
    "NewWebhook.kinds": EVENT_KINDS,
    "TryOut.outcome": get_args(Outcome),
    "Health.status": ("alive",),
    "NewAccount.roles": _OWN_ROLES,
    "AccountRoles.roles": _OWN_ROLES,
    "AccountOut.roles": _OWN_ROLES,
    "NewParty.roles": _ROLES,
    "PartyOut.roles": _ROLES,
    "PeerView.roles": _ROLES,
    "DeclarantLine.roles": _ROLES,
    "AnswerOut.status": _OUTCOMES,
    "DecisionOut.status": STATUSES,
    "ConsignmentOut.status": STATUSES,
    "ParcelStatus.status": STATUSES,
    "SplitParcel.status": STATUSES,
    "CaseOut.status": (*STATUSES, "no-declaration"),
    "EventOut.kind": EVENT_KINDS,
    "DocumentProblem.outcome": ("rejected", "refused", "failed"),
}
"""Closed lists, by field or by `Struct.field`. A route that takes another value answers with a finding."""
_REALLY: Final[dict[str, Any]] = {
    "AnswerOut.decision": {"$ref": f"{REF}DecisionOut"},
    "AnswerOut.receipt": {"$ref": f"{REF}Receipt"},
    "CaptureJob.receipt": {"$ref": f"{REF}Receipt"},
    "DecisionAnswer.decision": {"$ref": f"{REF}DecisionOut"},
    "TriedOut.decision": {"type": "object"},
}
"""What stands where a struct holds bytes that were written before."""
_DEPTH_MAX: Final = 6


def build_components(kinds: Iterable[Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the schema of each type, and the components they refer to, described."""
    schemas, components = msgspec.json.schema_components((*kinds, DecisionOut), ref_template=REF + "{name}")
    for name, component in components.items():
        _describe(name, component)
    return list(schemas[:-1]), dict(components)


def example_of(  # noqa: PLR0911 - one line a kind of schema
    schema: Mapping[str, Any], components: Mapping[str, Any], depth: int = 0
) -> Any:
    """Return a value that the schema describes, from the examples of its fields; optional ones with an
    example are there, too."""
    if "example" in schema:
        return schema["example"]
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return example_of(components[schema["$ref"].removeprefix(REF)], components, depth + 1)
    if "enum" in schema:
        return schema["enum"][0]
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return example_of(one, components, depth)
    match schema.get("type"):
        case "object":
            return _example_object(schema, components, depth)
        case "array":
            return [example_of(schema["items"], components, depth)] if schema.get("items") else []
        case "integer" | "number":
            return max(int(schema.get("minimum", 1)), 1)
        case "boolean":
            return True
        case "string":
            return _text(schema)
        case _:
            return {}


def _example_object(schema: Mapping[str, Any], components: Mapping[str, Any], depth: int) -> dict[str, Any]:
    required = set(schema.get("required", ()))
    return {
        name: example_of(one, components, depth + 1)
        for name, one in schema.get("properties", {}).items()
        if name in required or (depth < _DEPTH_MAX and "examples" in one)
    }


def _text(schema: Mapping[str, Any]) -> str:
    match schema.get("format"):
        case "date-time":
            return "2026-07-01T00:10:00Z"
        case "date":
            return "2026-07-01"
        case _:
            return "text"[: schema.get("maxLength", 4)].ljust(schema.get("minLength", 0), "0")


def _describe(component_name: str, component: dict[str, Any]) -> None:
    struct = component_name.rpartition(".")[2]
    properties = component.get("properties", {})
    for name, schema in properties.items():
        full = f"{struct}.{name}"
        described = _REALLY.get(full, schema)
        closed = _CLOSED.get(full) or (_CLOSED.get(name) if _holds_text(described) else None)
        if closed is not None:
            described = _enumerated(described, closed)
        text = describe_field(struct, name)
        if text is not None:
            described = {**described, "description": text.sentence}
            if text.example is not None and _fits(text.example, described):
                described["examples"] = [text.example]
        properties[name] = described


def _holds_text(schema: Mapping[str, Any]) -> bool:
    return any(one.get("type") == "string" for one in (schema, *schema.get("anyOf", ())))


def _enumerated(schema: dict[str, Any], closed: Sequence[str]) -> dict[str, Any]:
    if schema.get("type") == "array":
        return {**schema, "items": {"enum": list(closed)}}
    if "anyOf" in schema:
        kinds = [{"enum": list(closed)} if one.get("type") == "string" else one for one in schema["anyOf"]]
        return {**schema, "anyOf": kinds}
    rest = {name: one for name, one in schema.items() if name not in ("minLength", "maxLength", "pattern")}
    return {**rest, "enum": list(closed)}


_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def _fits(example: Any, schema: Mapping[str, Any]) -> bool:
    """Whether an example of a name is of the type that this struct gives it."""
    kinds = [one for one in (schema, *schema.get("anyOf", ())) if "type" in one or "enum" in one]
    return any(
        example in one["enum"] if "enum" in one else isinstance(example, _TYPES.get(one["type"], ()))
        for one in kinds
    )
