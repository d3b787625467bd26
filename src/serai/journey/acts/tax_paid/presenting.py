"""A tax-paid token that somebody shows for a case: scanned at the border, or brought by the buyer."""

from collections.abc import Awaitable, Callable
from typing import Any

from psycopg import AsyncConnection

from serai.journey.acts.case_acts import find_case
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.processing.citations.order_tokens import find_by_documents
from serai.journey.processing.citations.presenting import TokenAnswer, hold_against, take_token
from serai.journey.processing.transaction import Processor
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]
Then = Callable[[Connection, int], Awaitable[None]]
"""What else is done in a case, in the transaction in which a token proves it."""


async def present_token(
    processor: Processor, sender: Sender, case_id: int, token: str, *, then: Then | None = None
) -> TokenAnswer:
    """Hold a token against the declarations of a case and take it as proof of the first that it speaks of.

    What is refused is recorded and told to the holder of the scheme number. The same token again for the same
    goods is harmless. Of goods that are released the decision stands: what was charged at the border is a
    double charge, and the law names who makes it good. then: done where a token proves something, before the
    transaction ends. Raises SeraiError `not-found`.
    """

    async def work(connection: Connection) -> TokenAnswer:
        case = await find_case(processor, connection, sender, case_id)
        services, trust = processor.services, processor.trust.now
        held = await hold_against(services, connection, trust, case.root, token)
        if held is None:
            raise not_found()
        answer = await take_token(
            services, connection, processor.law, sender, held, trust=trust, token=token, root=case.root
        )
        if then is not None and answer.act_id is not None:
            await then(connection, case.root)
        return answer

    answer: TokenAnswer = await processor.write(work)
    return answer


async def present_documents(processor: Processor, sender: Sender, case_id: int) -> TokenAnswer:
    """Find tax that was charged twice by the order and the payments of a case, where nobody has a token.
    Raises SeraiError `not-found`, `double-charge-unproven`."""

    async def work(connection: Connection) -> TokenAnswer:
        case = await find_case(processor, connection, sender, case_id)
        found = await find_by_documents(
            processor.services,
            connection,
            processor.law,
            case.root,
            by=(sender.party_id, sender.acting_user),
        )
        if not found:
            raise SeraiError(
                "double-charge-unproven",
                "The order and the payments of this case do not show that tax was paid at sale and charged at"
                " the border.",
                "Show the tax-paid token, have the order and its payment sent, or apply for repayment.",
            )
        return found[0]

    answer: TokenAnswer = await processor.write(work)
    return answer
