"""Connections that stand still, or are too many of one address, are closed.

uvicorn waits for ever for the first byte and for the rest of a head; what comes after the head is watched
where it is read (`foundation/http/request_edge.py`).
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from serai.foundation.access.sign_in_tries import network_of
from serai.foundation.settings import ServerSettings
from serai.foundation.telemetry import telemetry

_HEAD_BYTES_MAX: Final = 64 << 10
"""Where a head that has not ended is cut off; the request edge refuses whole ones that are far smaller. What
is read together with the end of the request before counts for neither: where one ends in it, nobody tells."""
_TELL_S: Final = 60.0


class ConnectionWatch:
    """What one web process knows of its connections: how many each address holds, and how long it waits."""

    def __init__(self, *, head_timeout_s: float, per_address_count_max: int, proxies: Sequence[str]) -> None:
        self.head_timeout_s = head_timeout_s
        self._count_max = per_address_count_max
        self._proxies = [network for text in proxies if (network := _network(text)) is not None]
        self._counts: Counter[str] = Counter()
        self._refused_count = 0
        self._told_s: float | None = None

    @classmethod
    def of(cls, settings: ServerSettings) -> "ConnectionWatch":
        """Return what a server's settings ask for."""
        return cls(
            head_timeout_s=settings.head_timeout_ms / 1000,
            per_address_count_max=settings.connections_per_address_count,
            proxies=settings.trusted_proxies.split(),
        )

    def begin(self, host: str | None) -> bool:
        """Count a connection; False where its address has as many as it may. host: None counts for nobody."""
        network = self._counted(host)
        if network is None:
            return True
        if self._counts[network] >= self._count_max:
            self._refused_count += 1
            self._tell()
            return False
        self._counts[network] += 1
        return True

    def end(self, host: str | None) -> None:
        """A connection that was counted has ended."""
        network = self._counted(host)
        if network is not None:
            self._counts[network] -= 1
            if not self._counts[network]:
                del self._counts[network]

    def _counted(self, host: str | None) -> str | None:
        if host is None:
            return None
        if self._proxies:
            try:
                address = ip_address(host)
            except ValueError:
                return host
            if any(address in network for network in self._proxies):
                return None
        return network_of(host)

    def _tell(self) -> None:
        """Tell of it now and then: who holds too many shall not fill the log as well."""
        now_s = asyncio.get_running_loop().time()
        if self._told_s is None or now_s - self._told_s > _TELL_S:
            telemetry().warning("connections-refused", rows_count=self._refused_count)
            self._told_s, self._refused_count = now_s, 0


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


class WatchedProtocol(HttpToolsProtocol):
    """uvicorn's own, which closes a connection whose head does not come in time."""

    def __init__(self, *, watch: ConnectionWatch, **more: Any) -> None:
        super().__init__(**more)
        self._watch = watch
        self._host: str | None = None
        self._is_counted = False
        self._is_in_head = self._is_in_body = False
        self._has_ended_one = False
        self._head_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head, unless there are too many such connections."""
        super().connection_made(transport)
        # As the network says: what a proxy says of the sender comes with a head.
        self._host = self.client[0] if self.client else None
        self._is_counted = self._watch.begin(self._host)
        if self._is_counted:
            self._wait()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self._wait_no_more()
        if self._is_counted:
            self._is_counted = False
            self._watch.end(self._host)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._is_in_head, self._is_in_body = False, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole."""
        self._is_in_body, self._has_ended_one, self._head_bytes = False, True, 0
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read on; then wait for the rest of a head, or no more."""
        self._has_ended_one = False
        super().data_received(data)
        if not self._is_in_head and not self._is_answered():
            self._wait_no_more()
        elif self._is_in_body:
            # The rest of a body that was answered before its end: it is let run out while it comes.
            self._wait_no_more()
            self._wait()
        else:
            self._head_bytes += 0 if self._has_ended_one else len(data)
            if self._head_bytes > _HEAD_BYTES_MAX:
                self.transport.close()
            elif self._timer is None:
                self._wait()

    def _is_answered(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self._watch.head_timeout_s, self._close_late)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close_late(self) -> None:
        self._timer = None
        if self._is_answered():
            self.transport.close()
        else:  # the answer to the request before is on its way
            self._wait()
