"""In whose hands a case is: an assignment takes it, gives it to another officer, or gives it back."""

from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.access.actor import Role
from serai.foundation.access.actor_names import name_actors
from serai.foundation.access.people import find_account, list_accounts
from serai.foundation.access.table import act_named
from serai.journey.documents.submission import Sender
from serai.journey.measure_rules.measure_law import faulty
from serai.journey.processing.transaction import Processor
from serai.journey.tasks import store as task_store
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]
ASSIGNMENT: Final = "assignment"
_ACCOUNT: Final = "account:"


def account_of_sender(sender: Sender) -> int | None:
    """Return the account of the person who acts; None: a key, which has nothing in hand."""
    _, _, credential = sender.acting_user.partition(":")
    number = credential.removeprefix(_ACCOUNT)
    return int(number) if credential.startswith(_ACCOUNT) and number.isdecimal() else None


async def officers_of(connection: Connection, *, administration_id: int) -> dict[int, str]:
    """Return the sign-in names of officers who may have cases in hand, by account."""
    accounts = await list_accounts(connection, administration_id=administration_id)
    return {
        one.account_id: one.sign_in_name
        for one in accounts
        if one.ended_at is None and Role.OFFICER in one.roles
    }


async def find_new_owner(
    processor: Processor,
    connection: Connection,
    sender: Sender,
    consignment_id: int,
    assigned_to: str | None,
) -> int | None:
    """Return the account into whose hands a consignment's open tasks go; None: nobody's. The caller holds the
    case's lock.

    What somebody else has in hand is moved by whoever may assign tasks (`tasks.assign`), and by nobody else.
    Raises SeraiError `measure-faulty`, `not-in-hands`, `in-hands-already`,
    `task-in-other-hands`.
    """
    key = {"administration_id": processor.services.administration_id}
    new_owner = None if assigned_to is None else await _officer_named(connection, assigned_to, **key)
    tasks = await task_store.select_open(connection, [consignment_id], **key)
    owners = {one.owner_id for one in tasks} - {None}
    if assigned_to is None and tasks and not owners:
        raise SeraiError(
            "not-in-hands",
            "Nobody has this case in hand.",
            "There is nothing to give back; name an officer to give it to.",
        )
    if tasks and {one.owner_id for one in tasks} == {new_owner}:
        raise SeraiError(
            "in-hands-already", "This case is in these hands already.", "There is nothing to do."
        )
    others = owners - {account_of_sender(sender)}
    may_assign = bool(act_named("tasks.assign").roles & sender.roles)
    if others and others != {new_owner} and not may_assign:
        names = await name_actors(connection, [f"{_ACCOUNT}{one}" for one in others], **key)
        who = ", ".join(sorted(one.name for one in names.values()))
        raise SeraiError(
            "task-in-other-hands",
            MessageText("{who} has this case in hand.", who=who)
            if who
            else "Another officer has this case in hand.",
            "Ask for it to be given back, or ask a supervisor to assign it anew.",
        )
    return new_owner


async def _officer_named(connection: Connection, name: str, *, administration_id: int) -> int:
    try:
        account = await find_account(connection, administration_id=administration_id, sign_in_name=name)
    except SeraiError as fault:
        raise faulty("See to it that assigned_to is the sign-in name of an officer.") from fault
    if account.party_id is not None or Role.OFFICER not in account.roles:
        raise faulty("See to it that assigned_to is the sign-in name of an officer.")
    return account.account_id
