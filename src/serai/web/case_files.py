"""What the routes of `follow` and the laboratory work with, built from a node."""

from dataclasses import dataclass

from serai.app import Node
from serai.journey.clearance.kept_law import KeptLaw
from serai.journey.clearance.spoken import SpokenDecisions
from serai.journey.follow.service import CaseFiles
from serai.laboratory.case_explanation import CaseReplays
from serai.laboratory.quotes.desk import QuoteDesk
from serai.laboratory.quotes.promises import Promises


@dataclass(frozen=True, slots=True)
class Readers:
    """case_files, replays, quote_desk, promises: under these names in the application's state. The desk is
    opened with `async with`.
    """

    case_files: CaseFiles
    replays: CaseReplays
    quote_desk: QuoteDesk
    promises: Promises


def build_readers(node: Node) -> Readers:
    """Build them; they share one store of kept laws."""
    kept = KeptLaw()
    decisions = SpokenDecisions(node.equipment, lambda: node.corridor.law, kept)
    case_files = CaseFiles(
        node.database,
        node.equipment.keyring,
        node.equipment.codec,
        node.clock,
        node.administration_id,
        decisions,
    )
    promises = Promises(node.equipment, node.settings.administration.code)
    return Readers(
        case_files,
        CaseReplays(node.equipment, kept),
        QuoteDesk(lambda: node.corridor.law, node.clock, node.metrics, promises),
        promises,
    )
