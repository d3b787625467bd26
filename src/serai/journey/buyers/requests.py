"""What a buyer states and asks for: that it was paid with the sale, that it is not theirs, another contact, a
correction; and what an officer answers. Each is an act on the parcel, its words in the vault, and a task.

A buyer has no party. Their acts are recorded by the administration's own, under the buyer's session.
"""

from datetime import datetime
from typing import Final, Literal

from serai.foundation.administration import own_party_id
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.vault.reading import Reach
from serai.journey.acts.case_acts import ActDone, done_of, find_case
from serai.journey.buyers.service import AtParcel
from serai.journey.buyers.store import Connection
from serai.journey.consignments.act_records import (
    record_act,
    select_act_by_reference,
    select_standing_acts,
)
from serai.journey.consignments.act_words import read_act_words
from serai.journey.documents.not_found import not_found
from serai.journey.documents.proofs import Proof, proof_in_words, words_of_proof
from serai.journey.documents.submission import Sender
from serai.journey.mailing.addresses import read_email
from serai.journey.processing.citations.order_tokens import find_by_documents
from serai.journey.processing.transaction import Processor
from serai.journey.services import Services
from serai.journey.tasks.rules import BUYER
from serai.journey.tasks.store import CaseTask, close_task_about, open_case_tasks
from serai.model.acts import Act
from serai.model.errors import SeraiError

RequestKind = Literal["paid-at-checkout", "not-mine", "correction", "contact"]
"""What a buyer says. Only `contact` may be said before a code: the way back where the contact is wrong."""
Answer = Literal["accepted", "rejected"]

_REQUEST: Final = "buyer-request"
_PROOF: Final = "buyer-proof"
_ANSWER: Final = "buyer-request-answered"
BUYER_ACTS: Final = (_REQUEST, _PROOF)
"""What a buyer says or sends, and an officer answers."""
BUYER_ANSWER: Final = _ANSWER
FILE_ACTS: Final = (_PROOF, "information-given", "goods-pictured")
"""Acts by which a file is sent; its parameters then tell what it is."""


def sender_of_buyer(services: Services, at_parcel: AtParcel) -> Sender:
    """Return in whose name a buyer's act is recorded: it reaches the case of the session's parcel alone."""
    return Sender(
        own_party_id(services.administration_id),
        frozenset({"buyer"}),
        acting_user=at_parcel.actor,
        at_case=at_parcel.consignment.case_id,
    )


def require_confirmed(at_parcel: AtParcel) -> None:
    """Raise SeraiError `code-needed` unless a one-time code has opened the session."""
    if at_parcel.session.confirmed_at is None:
        raise SeraiError(
            "code-needed",
            "This needs the one-time code that is sent to the contact in the declaration.",
            "Ask for a code, and type it on this page.",
        )


async def make_request(
    processor: Processor,
    at_parcel: AtParcel,
    kind: RequestKind,
    *,
    reference: str,
    words: str,
    email: str | None = None,
) -> ActDone:
    """Record what a buyer states or asks for, and ask an officer. The same reference again is harmless.

    email: of a wrong contact, the right one. Raises SeraiError `code-needed`, `contact-unfit`.
    """
    if kind == "contact":
        if read_email(email or "") is None:
            raise SeraiError("contact-unfit", "This is no e-mail address.", "Type it like name@example.com.")
        # The address is the first line: it opens with the words, and goes with them.
        words = f"{email}\n{words}"
    else:
        require_confirmed(at_parcel)
    return await _record(processor, at_parcel, _REQUEST, {"kind": kind}, reference=reference, words=words)


async def add_proof(processor: Processor, at_parcel: AtParcel, proof: Proof, *, reference: str) -> ActDone:
    """Keep a proof of the buyer's in the vault, and ask an officer to look at it. Raises SeraiError
    `code-needed`."""
    require_confirmed(at_parcel)
    parameters: dict[str, object] = {"media_type": proof.media_type, "size_bytes": len(proof.content)}
    return await _record(
        processor, at_parcel, _PROOF, parameters, reference=reference, words=words_of_proof(proof)
    )


async def answer_request(
    processor: Processor, sender: Sender, case_id: int, *, act_id: int, answer: Answer, reason: str
) -> ActDone:
    """Answer what a buyer stated, asked for or proved. The same again is harmless. For officers.

    A contact that is accepted is where the next code goes. Raises SeraiError `not-found`,
    `request-answered-already`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        if "officer" not in sender.roles:
            raise not_found()
        root, _ = await find_case(processor, connection, sender, case_id)
        standing = await select_standing_acts(connection, [root], [_REQUEST, _PROOF, _ANSWER], **key)
        request = next((act for _, act in standing if act.act_id == act_id and act.kind != _ANSWER), None)
        if request is None:
            raise not_found()
        name = format_id(act_id)
        for _, act in standing:
            if act.kind == _ANSWER and act.parameters["request"] == name:
                if act.parameters["answer"] != answer:
                    raise SeraiError(
                        "request-answered-already",
                        "This request was answered before, and otherwise.",
                        "Read the acts of the case; the buyer may ask again.",
                    )
                return done_of(act, root)
        new_id = int(services.ids.take(1)[0])
        done = Act(
            act_id=new_id,
            case_id=root,
            kind=_ANSWER,
            subject_id=request.subject_id,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            at=at,
            leaf_id=new_id,
            version=request.version,
            parameters={"request": name, "answer": answer},
        )
        await record_act(services, connection, done, reason)
        await close_task_about(connection, act_id, [request.subject_id], at=at, **key)
        return done_of(done, root)

    done: ActDone = await processor.write(work)
    return done


async def read_kept_proof(processor: Processor, sender: Sender, case_id: int, act_id: int) -> Proof:
    """Return a file that the buyer or a declarant of a case has sent; the vault's ledger tells of it. For
    officers. Raises SeraiError `not-found`."""
    services = processor.services
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> bool:
        root, _ = await find_case(processor, connection, sender, case_id)
        standing = await select_standing_acts(connection, [root], FILE_ACTS, **key)
        return any(act.act_id == act_id and "media_type" in act.parameters for _, act in standing)

    is_there = "officer" in sender.roles and await processor.write(work)
    reach = Reach(services.administration_id, "examination", sender.acting_user, services.clock.now())
    words = (
        await read_act_words(services.database.write, services.keyring, services.codec, [act_id], reach)
        if is_there
        else {}
    )
    if act_id not in words:
        raise not_found()
    return proof_in_words(words[act_id])


async def read_corrected_contact(services: Services, at_parcel: AtParcel, at: datetime) -> str | None:
    """Return the address that an officer has accepted in the place of the declared one; None: none."""
    key = {"administration_id": services.administration_id}
    case_id = at_parcel.consignment.case_id
    async with services.database.write() as connection:
        standing = await select_standing_acts(connection, [case_id], [_REQUEST, _ANSWER], **key)
    accepted = {
        parse_id(act.parameters["request"])
        for _, act in standing
        if act.kind == _ANSWER and act.parameters["answer"] == "accepted"
    }
    contacts = [
        act.act_id
        for _, act in standing
        if act.act_id in accepted
        and act.parameters.get("kind") == "contact"
        and act.subject_id == at_parcel.consignment.consignment_id
    ]
    if not contacts:
        return None
    reach = Reach(services.administration_id, "buyer-code", at_parcel.actor, at)
    found = await read_act_words(
        services.database.write, services.keyring, services.codec, contacts[-1:], reach
    )
    return found.get(contacts[-1], "").partition("\n")[0] or None


async def _record(
    processor: Processor,
    at_parcel: AtParcel,
    kind: str,
    parameters: dict[str, object],
    *,
    reference: str,
    words: str,
) -> ActDone:
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    sender, row = sender_of_buyer(services, at_parcel), at_parcel.consignment
    # A reference is unique for a party, and that of all buyers is one.
    own = f"{format_id(row.consignment_id)}-{reference}"

    async def work(connection: Connection) -> ActDone:
        root, _ = await find_case(processor, connection, sender, row.case_id)
        before = await select_act_by_reference(connection, sender.party_id, own, **key)
        if before is not None:
            return done_of(before, root)
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=root,
            kind=kind,
            subject_id=row.consignment_id,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            at=at,
            leaf_id=act_id,
            version=row.version,
            expected_decision_id=row.decision_id,
            parameters=parameters,
            reference=own,
        )
        await record_act(services, connection, act, words)
        if parameters.get("kind") == "paid-at-checkout":
            await _find_charged_twice(processor, connection, at_parcel, sender, root)
        await open_case_tasks(
            connection,
            [CaseTask(root, act_id)],
            [int(services.ids.take(1)[0])],
            BUYER,
            at=at,
            **key,
        )
        return done_of(act, root)

    done: ActDone = await processor.write(work)
    return done


async def _find_charged_twice(
    processor: Processor, connection: Connection, at_parcel: AtParcel, sender: Sender, root: int
) -> None:
    """See at once whether the order and its payments show what a buyer states: tax that was paid at sale was
    charged at the border, too. Where they do not, an officer looks at what the buyer sends."""
    await find_by_documents(
        processor.services,
        connection,
        processor.law,
        root,
        by=(sender.party_id, sender.acting_user),
        consignment_id=at_parcel.consignment.consignment_id,
    )
