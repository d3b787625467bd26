"""Incidents: something unexpected happened; the log keeps where, the answer keeps only a number."""

import secrets
from typing import Final

from serai.foundation.metrics import Metrics
from serai.foundation.telemetry import report_incident
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: easy to read out on the telephone


def record_incident(fault: BaseException, metrics: Metrics) -> SeraiError:
    """Log the kind and place of `fault`; return the error that is told instead."""
    incident = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    report_incident(fault, incident, metrics)
    return InternalError(incident)


class InternalError(SeraiError):
    """Something unexpected; `incident` finds it in the log."""

    def __init__(self, incident: str) -> None:
        super().__init__(
            "internal-error",
            "Something unexpected happened on our side. It has been recorded.",
            MessageText(
                "Try again. If it stays, tell the administration the incident number {incident}.",
                incident=incident,
            ),
        )
        self.incident = incident
