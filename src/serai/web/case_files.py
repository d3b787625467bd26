"""What the routes of `follow` and the laboratory work with, built from a node."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from serai.app import Node, open_seal
from serai.explanation.case_explanation import CaseReplays
from serai.formats.epcis.identifiers import canonical_identifier
from serai.foundation.clock import Clock
from serai.foundation.database import Database
from serai.foundation.ids import IdSource
from serai.foundation.settings import Settings
from serai.journey.cases.service import CaseFiles
from serai.journey.law_in_force.recorded import KeptLaw
from serai.journey.mailing.composing import From
from serai.journey.mailing.sending import FolderTransport, Server, SmtpTransport, Transport
from serai.journey.mailing.service import Mailing
from serai.journey.notifications.addresses import Reach
from serai.journey.notifications.service import WebhookService
from serai.journey.offices.service import OfficeBook
from serai.journey.processing.rendered_decision import RenderedDecisions
from serai.journey.quotes.promises import Promises
from serai.journey.quotes.service import QuoteService
from serai.journey.revenue.payment_advice import Payee
from serai.journey.tracking.service import TrackingService
from serai.model.errors import SeraiError


@dataclass(frozen=True, slots=True)
class Readers:
    """What the application provides for reading, and for quotes. The quote service is opened with
    `async with`.
    """

    case_files: CaseFiles
    replays: CaseReplays
    quote_service: QuoteService
    promises: Promises
    tracking_service: TrackingService
    webhook_service: WebhookService


def payee_of(settings: Settings) -> Payee | None:
    """Return to whom what is owed is paid: on the first account that is set."""
    accounts = settings.payment.accounts.split()
    return Payee(settings.payment.payee or settings.administration.name, accounts[0]) if accounts else None


def build_readers(node: Node) -> Readers:
    """Build them; they share one store of kept laws."""
    kept = KeptLaw()
    decisions = RenderedDecisions(node.services, lambda: node.processor.law, kept)
    events = build_tracking_service(node)
    case_files = CaseFiles(
        node.database,
        node.services.keyring,
        node.services.codec,
        node.clock,
        node.administration_id,
        decisions,
        events,
        office_book(node),
        payee_of(node.settings),
    )
    promises = Promises(node.services, node.settings.administration.code)
    return Readers(
        case_files,
        CaseReplays(node.services, kept),
        QuoteService(lambda: node.processor.law, node.clock, node.metrics, promises),
        promises,
        events,
        build_webhook_service(node.settings, node.database, node.ids, node.clock, node.administration_id),
    )


def office_book(node: Node) -> OfficeBook:
    """Return what customs offices are read and written with."""
    book = node.processor.office_book
    assert book is not None, "a node is opened with its offices"
    return book


def build_webhook_service(
    settings: Settings, database: Database, ids: IdSource, clock: Clock, administration_id: int
) -> WebhookService:
    """Build what the use cases of webhooks work with."""
    return WebhookService(
        database=database,
        ids=ids,
        clock=clock,
        administration_id=administration_id,
        seal=open_seal(settings, "webhook"),
        reach=Reach(
            allows_loopback=_is_developers(settings), allows_private=settings.webhooks.allows_private
        ),
        settings=settings.webhooks,
    )


def build_mailing(node: Node) -> Mailing:
    """Build what notices by e-mail are written with. Raises SeraiError `wrong-setting`."""
    settings = node.settings
    server = settings.server
    address = server.public_url.rstrip("/") or f"http://{server.host}:{server.port}"
    writer = From(settings.administration.name, settings.notices.sender, address)
    seal = open_seal(settings, "notice")
    return Mailing(node.services, seal, _transport(settings), writer, settings.notices.phone_domain)


def _transport(settings: Settings) -> Transport:
    notices = settings.notices
    if not notices.smtp_host:
        return FolderTransport(Path(notices.folder or Path(settings.data.folder) / "mail"))
    password = ""
    if notices.smtp_password_file:
        try:
            password = Path(notices.smtp_password_file).read_text().strip()
        except OSError as fault:
            raise SeraiError(
                "wrong-setting",
                "The file that notices.smtp_password_file names cannot be read.",
                "Name a file with the password in it, which this user may read.",
            ) from fault
    return SmtpTransport(
        Server(
            notices.smtp_host,
            notices.smtp_port,
            notices.smtp_security,
            notices.smtp_user,
            password,
            notices.try_ms / 1000,
        )
    )


def _is_developers(settings: Settings) -> bool:
    """Say whether this is a test on somebody's own machine: nobody else reaches it, so nobody else can have
    it knock on this machine's doors."""
    public_host = urlsplit(settings.server.public_url).hostname
    return settings.administration.is_test and (public_host or settings.server.host) in _LOOPBACK


_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def build_tracking_service(node: Node) -> TrackingService:
    """Build what the use cases of visibility events work with."""
    services, settings = node.services, node.settings
    return TrackingService(
        database=node.database,
        write=node.processor.write,
        ids=node.ids,
        clock=node.clock,
        keyring=services.keyring,
        epochs=services.epochs,
        codec=services.codec,
        pseudonymiser=services.pseudonymiser,
        signer=services.signer,
        log_origin=services.log_origin,
        log_state=services.log_state,
        administration_id=node.administration_id,
        administration_code=settings.administration.code,
        arrival_places=frozenset(map(canonical_identifier, settings.epcis.arrival_read_points.split())),
        events_count_max=settings.epcis.max_events_count,
        integrate_within=services.integrate_within,
    )
