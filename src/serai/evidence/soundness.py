"""Whether the log can go on, as a process of the node last saw it: what cannot be kept is not promised."""

from serai.evidence.errors import EvidenceError
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText


class LogState:
    """fault: why the log cannot go on; None: it can."""

    def __init__(self) -> None:
        self.fault: EvidenceError | None = None

    def require_sound(self) -> None:
        """Raise SeraiError `log-broken` while the log cannot go on."""
        if self.fault is not None:
            raise SeraiError(
                "log-broken",
                MessageText(
                    "The log of this node cannot go on ({code}), so nothing can be promised; nothing was"
                    " stored.",
                    code=self.fault.code,
                ),
                "Send it again later. Operator: `serai doctor` says what to do.",
            )
