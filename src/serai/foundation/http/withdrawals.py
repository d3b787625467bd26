"""Withdrawing a document of any kind over HTTP: the same body and the same answer everywhere."""

from typing import Annotated, Any, Protocol, cast

import msgspec
from litestar import Request, Response
from msgspec import Meta

from serai.foundation.access.actor import Actor
from serai.foundation.http.respond import actor_of, answer_document


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a document is withdrawn, and which version of it the sender has in mind."""

    expected_version: Annotated[int, Meta(ge=1, le=32_000)]
    reason: Annotated[str, Meta(min_length=1, max_length=512)]


class DesksOfWithdrawal(Protocol):
    """What withdraws; `web/application.py` hands it over in the state as `acts`."""

    async def withdraw_for(
        self, actor: Actor, kind: str, reference: str, *, expected_version: int, reason: str
    ) -> tuple[int, bytes]:
        """Withdraw a document; HTTP status and JSON of the answer."""
        ...


async def answer_withdrawal(
    request: Request[Any, Any, Any], kind: str, reference: str, asked: Withdrawal
) -> Response[bytes]:
    """Withdraw the actor's document of a kind and say what became of it."""
    acts = cast("DesksOfWithdrawal", request.app.state["acts"])
    status, content = await acts.withdraw_for(
        actor_of(request), kind, reference, expected_version=asked.expected_version, reason=asked.reason
    )
    return answer_document(status, content)
