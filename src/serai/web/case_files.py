"""What the routes of `follow` and the laboratory work with, built from a node."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from serai.app import Node
from serai.formats.epcis.identifiers import canonical_identifier
from serai.foundation.clock import Clock
from serai.foundation.database import Database
from serai.foundation.ids import IdSource
from serai.foundation.keys import KeyFolder
from serai.foundation.sealed_secrets import SecretSeal
from serai.foundation.settings import Settings
from serai.journey.clearance.kept_law import KeptLaw
from serai.journey.clearance.spoken import SpokenDecisions
from serai.journey.follow.epcis.desk import EpcisDesk
from serai.journey.follow.service import CaseFiles
from serai.journey.follow.webhooks.addresses import Reach
from serai.journey.follow.webhooks.desk import WebhookDesk
from serai.laboratory.case_explanation import CaseReplays
from serai.laboratory.quotes.desk import QuoteDesk
from serai.laboratory.quotes.promises import Promises


@dataclass(frozen=True, slots=True)
class Readers:
    """case_files, replays, quote_desk, promises, epcis_desk, webhook_desk: under these names in the
    application's state. The quote desk is opened with `async with`.
    """

    case_files: CaseFiles
    replays: CaseReplays
    quote_desk: QuoteDesk
    promises: Promises
    epcis_desk: EpcisDesk
    webhook_desk: WebhookDesk


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
        build_webhook_desk(node.settings, node.database, node.ids, node.clock, node.administration_id),
    )


def build_webhook_desk(
    settings: Settings, database: Database, ids: IdSource, clock: Clock, administration_id: int
) -> WebhookDesk:
    """Build what the use cases of webhooks work with."""
    return WebhookDesk(
        database=database,
        ids=ids,
        clock=clock,
        administration_id=administration_id,
        seal=SecretSeal(KeyFolder(Path(settings.data.folder) / "keys"), "webhook"),
        reach=Reach(
            allows_loopback=_is_developers(settings), allows_private=settings.webhooks.allows_private
        ),
        settings=settings.webhooks,
    )


def _is_developers(settings: Settings) -> bool:
    """Say whether this is a test on somebody's own machine: nobody else reaches it, so nobody else can have
    it knock on this machine's doors."""
    public_host = urlsplit(settings.server.public_url).hostname
    return settings.administration.is_test and (public_host or settings.server.host) in _LOOPBACK


_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def build_epcis_desk(node: Node) -> EpcisDesk:
    """Build what the use cases of visibility events work with."""
    equipment, settings = node.equipment, node.settings
    return EpcisDesk(
        database=node.database,
        write=node.corridor.write,
        ids=node.ids,
        clock=node.clock,
        keyring=equipment.keyring,
        epochs=equipment.epochs,
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
