"""What the routes of `follow` and the laboratory work with, built from a node."""

from dataclasses import dataclass

from serai.app import Node
from serai.formats.epcis.identifiers import canonical_identifier
from serai.journey.clearance.kept_law import KeptLaw
from serai.journey.clearance.spoken import SpokenDecisions
from serai.journey.follow.epcis.desk import EpcisDesk
from serai.journey.follow.service import CaseFiles
from serai.laboratory.case_explanation import CaseReplays
from serai.laboratory.quotes.desk import QuoteDesk
from serai.laboratory.quotes.promises import Promises


@dataclass(frozen=True, slots=True)
class Readers:
    """case_files, replays, quote_desk, promises, epcis_desk: under these names in the application's state.
    The quote desk is opened with `async with`.
    """

    case_files: CaseFiles
    replays: CaseReplays
    quote_desk: QuoteDesk
    promises: Promises
    epcis_desk: EpcisDesk


def build_readers(node: Node) -> Readers:
    """Build them; they share one store of kept laws."""
    kept = KeptLaw()
    decisions = SpokenDecisions(node.equipment, lambda: node.corridor.law, kept)
    events = build_epcis_desk(node)
    case_files = CaseFiles(
        node.database,
        node.equipment.keyring,
        node.equipment.codec,
        node.clock,
        node.administration_id,
        decisions,
        events,
    )
    promises = Promises(node.equipment, node.settings.administration.code)
    return Readers(
        case_files,
        CaseReplays(node.equipment, kept),
        QuoteDesk(lambda: node.corridor.law, node.clock, node.metrics, promises),
        promises,
        events,
    )


def build_epcis_desk(node: Node) -> EpcisDesk:
    """Build what the use cases of visibility events work with."""
    equipment, settings = node.equipment, node.settings
    return EpcisDesk(
        database=node.database,
        write=node.corridor.write,
        ids=node.ids,
        clock=node.clock,
        keyring=equipment.keyring,
        message_epochs=equipment.message_epochs,
        codec=equipment.codec,
        pseudonymiser=equipment.pseudonymiser,
        signer=equipment.signer,
        log_origin=equipment.log_origin,
        administration_id=node.administration_id,
        administration_code=settings.administration.code,
        arrival_places=frozenset(map(canonical_identifier, settings.epcis.arrival_read_points.split())),
        events_count_max=settings.epcis.max_events_count,
        integrate_within=equipment.integrate_within,
    )
