"""What opens a receipt: salt and value of those of its fields that are the viewer's own."""

from serai.evidence.leaf import Opening, Openings, opens
from serai.evidence.receipt import read_leaf_of
from serai.foundation.vault.reading import Reach, open_messages
from serai.journey.case_records import store as case_store
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments import store
from serai.journey.processing.rendered_decision import Connection
from serai.journey.visibility.open_case import not_found
from serai.journey.visibility.table import Viewer
from serai.model.errors import SeraiError

PURPOSE = "open-receipt"


async def read_openings(files: CaseFiles, viewer: Viewer, leaf_id: int, actor: str) -> Openings:
    """Return what opens the receipt of a decision, document or act: the document without people for its
    sender, the decision for its sender and for those who see it explained, the act for whoever did it.
    leaf_id: of any.

    Fields of people are never among them: their salts are in the vault with what they open. The vault's
    ledger tells of the reading. Raises `not-found`, also where nothing is the viewer's to open.
    """
    candidates, document_id = await _decision(files, viewer, leaf_id)
    async with files.database.read(files.administration_id) as connection:
        own = await store.select_sent_by(
            connection,
            [document_id],
            party_id=viewer.party_id,
            administration_id=files.administration_id,
        )
    if not candidates and not own:
        raise not_found()
    receipt = await files.decisions.read_receipt(leaf_id)
    if receipt is None:
        raise not_found()
    if own:
        reach = Reach(files.administration_id, PURPOSE, actor, files.clock.now())
        opened = await open_messages(files.database.write, files.keyring, files.codec, [document_id], reach)
        candidates += [Opening("document", one.salt, one.value) for one in opened.values()]
    leaf = read_leaf_of(receipt)
    # A decision made again commits to no document, and what was erased opens no more.
    openings = [one for one in candidates if opens(leaf, one)]
    if not openings:
        raise not_found()
    return Openings(openings)


async def _decision(files: CaseFiles, viewer: Viewer, leaf_id: int) -> tuple[list[Opening], int]:
    """Return what opens the decision of a leaf, if the viewer may, and the document it is on."""
    administration_id = files.administration_id
    async with files.database.read(administration_id) as connection:
        case_id = await store.select_case_of_decision(
            connection, leaf_id, party_id=viewer.own_party_id, administration_id=administration_id
        )
        if case_id is None:
            return await _act(files, connection, viewer, leaf_id), leaf_id
        case = await files.open_case(connection, viewer, case_id)
        rows = await files.consignments_of(connection, case)
        decisions = await case_store.select_case_decisions(
            connection, [row.consignment_id for row in rows], administration_id=administration_id
        )
        decision = next(one for one in decisions if one.decision_id == leaf_id)
        row = next(one for one in rows if one.consignment_id == decision.consignment_id)
        if viewer.party_id != row.party_id and not case.may_see("case", "explanation"):
            return [], decision.document_id
        opening = await files.decisions.read_opening(connection, row, leaf_id)
        return [opening], decision.document_id


async def _act(files: CaseFiles, connection: Connection, viewer: Viewer, leaf_id: int) -> list[Opening]:
    """Return what opens an act, if there is one under this number and the viewer may."""
    try:
        opening = await files.open_act(connection, viewer, leaf_id)
    except SeraiError:
        return []
    return [] if opening is None else [opening]
