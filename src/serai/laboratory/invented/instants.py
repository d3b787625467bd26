"""Instants as they stand on the wire: RFC 3339, whole seconds, UTC."""

from datetime import UTC, datetime

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


def instant(at: datetime) -> str:
    """Write an aware datetime: 2026-07-01T06:00:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
