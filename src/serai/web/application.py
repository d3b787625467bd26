"""The HTTP application of one process: every room's routes, the node behind them, one OpenAPI description."""

import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.router import Router
from litestar.types import ControllerRouterHandler

import serai.journey
from serai.app import Node, open_node, open_seal
from serai.foundation.access.oidc.providers import read_providers
from serai.foundation.access.rate_limit import AskingLimits, AtOnce, RateLimit
from serai.foundation.access.sign_in import SignInRules
from serai.foundation.access.sign_in_tries import TriesAllowed
from serai.foundation.clock import SystemClock
from serai.foundation.database import Database
from serai.foundation.disk_room import DiskRoom, SpoolRoom
from serai.foundation.http.application import build_litestar
from serai.foundation.http.kit import Kit, Rooms
from serai.foundation.http.page_maker import PageMaker
from serai.foundation.http.provided import provide
from serai.foundation.http.site import NAVIGATION, PROPOSALS, Site
from serai.foundation.memory_room import MemoryRoom
from serai.foundation.metrics import Metrics
from serai.foundation.settings import Settings
from serai.foundation.telemetry import report_incident, start_telemetry, telemetry
from serai.foundation.traces import running_traces
from serai.journey.acts import api as acts_api
from serai.journey.acts import api_appeals as appeals_api
from serai.journey.acts import api_preloading as preloading_api
from serai.journey.acts import api_review as review_api
from serai.journey.acts.bearing import api as bearing_api
from serai.journey.acts.bulk import api as bulk_api
from serai.journey.acts.examinations import api as examinations_api
from serai.journey.acts.name_verdicts import api as name_verdicts_api
from serai.journey.acts.pictures import api as pictures_api
from serai.journey.acts.preloading import PreloadingActs
from serai.journey.acts.repayment import api as repayment_api
from serai.journey.acts.service import Acts
from serai.journey.acts.split_shipments import api as split_shipments_api
from serai.journey.acts.units import api as units_api
from serai.journey.acts.waiting_marks import OfficersMarks
from serai.journey.buyers.service import Buyers
from serai.journey.cases import api as cases_api
from serai.journey.cases import api_documents as follow_api_documents
from serai.journey.dashboard import pages as dashboard_pages
from serai.journey.epcis import api as tracking_api
from serai.journey.epcis import api_queries as tracking_api_queries
from serai.journey.json_body import list_body_faults
from serai.journey.lodgement import api_bulk_declarations as bulk_declarations_api
from serai.journey.lodgement import api_declaration_acts as declaration_acts_api
from serai.journey.lodgement import api_returns as returns_api
from serai.journey.lodgement import api_supporting_documents as supporting_documents_api
from serai.journey.lodgement.api import lodge_declarations
from serai.journey.lodgement.service import LodgementService
from serai.journey.mailing.delivery import Mailer
from serai.journey.mandates import api as mandates_api
from serai.journey.mandates.service import Mandates
from serai.journey.notifications import api as webhooks_api
from serai.journey.notifications.delivery import Deliverer
from serai.journey.queue import pages as queue_pages
from serai.journey.queue.service import QueueService
from serai.journey.recalls import api as recalls_api
from serai.journey.recalls import pages as recalls_pages
from serai.journey.scorecards import due_diligence_pages
from serai.journey.scorecards import pages as scorecard_pages
from serai.journey.statistics.published import FigureReader
from serai.model.errors import SeraiError
from serai.portal.bulk import pages as bulk_pages
from serai.portal.calculator import pages as calculator_pages
from serai.portal.calculator.service import CalculatorService
from serai.portal.case import (
    act_pages,
    appeal_pages,
    buyer_pages,
    picture_pages,
    repayment_pages,
    reply_pages,
    withdrawal_pages,
)
from serai.portal.case import api as case_api
from serai.portal.case import pages as case_pages
from serai.portal.case.officers import name_pages
from serai.portal.comparison import pages as comparison_pages
from serai.portal.comparison.service import WorldService
from serai.portal.declaration import amendment as declaration_amendment
from serai.portal.declaration import pages as declaration_pages
from serai.portal.examination import pages as examination_pages
from serai.portal.fairness import pages as fairness_pages
from serai.portal.fairness.reader import FairnessReader
from serai.portal.law import pages as law_pages
from serai.portal.message_check import api as message_check_api
from serai.portal.message_check import describe_api
from serai.portal.message_check import pages as message_check_pages
from serai.portal.message_check.service import CheckService
from serai.portal.money import pages as money_pages
from serai.portal.postal_forms import pages as postal_forms_pages
from serai.portal.split_shipments import pages as split_shipments_pages
from serai.portal.statement import api as statement_api
from serai.portal.statement import pages as statement_pages
from serai.portal.statistics import pages as statistics_pages
from serai.portal.track import api as track_api
from serai.portal.track import pages as track_pages
from serai.portal.track.own_parcel import OwnParcels
from serai.portal.unit import pages as unit_pages
from serai.portal.upload import pages as upload_pages
from serai.portal.upload.service import UploadService
from serai.web import (
    administering_api,
    approvals_api,
    health,
    law_generations_api,
    lists_api,
    log_api,
    messages_api,
    oauth_api,
    parties_api,
)
from serai.web.access_to_approve import anything_waits, waits
from serai.web.account import pages as account_pages
from serai.web.administration import account_pages as staff_pages
from serai.web.administration import (
    accounts_api,
    bank_statements_api,
    guarantees_api,
    money_api,
    office_pages,
    offices_api,
    payment_accounts_api,
    refunds_api,
    settings_pages,
)
from serai.web.administration import law_pages as law_loading_pages
from serai.web.administration import pages as administration_pages
from serai.web.agencies import pages as agency_pages
from serai.web.agencies import parcels_api as agency_parcels_api
from serai.web.approvals_api import propose_mark
from serai.web.case_files import build_mailing, build_readers
from serai.web.description.document import describe
from serai.web.description.page import DescriptionPlugin, show_reference
from serai.web.list_sources import api as list_sources_api
from serai.web.organisation import api as organisation_api
from serai.web.organisation import pages as organisation_pages
from serai.web.organisation import pages_register as register_pages
from serai.web.organisation import webhook_pages
from serai.web.organisation.registering import Registering, mode_of
from serai.web.permits import agencies_api, permits_api, requirement_pages, requirements_api
from serai.web.permits import pages as permit_pages
from serai.web.receipts import pages as receipt_pages
from serai.web.rights import (
    detention_pages,
    detentions_api,
    extensions_api,
    recordal_pages,
    recordals_api,
)
from serai.web.risk import risk_api, risk_pages
from serai.web.status import pages as status_pages
from serai.web.status.measured import MeasuredService
from serai.web.status.pages import StatusReader
from serai.web.tax_paid import issuers_api, proofs_api, schemes_api
from serai.web.tax_paid import pages as scheme_pages

ROUTES: list[ControllerRouterHandler] = [
    lodge_declarations,
    *messages_api.ROUTES,
    *scorecard_pages.ROUTES,
    *due_diligence_pages.ROUTES,
    *supporting_documents_api.ROUTES,
    *declaration_acts_api.ROUTES,
    *returns_api.ROUTES,
    *bulk_declarations_api.ROUTES,
    *mandates_api.ROUTES,
    *preloading_api.ROUTES,
    *acts_api.ROUTES,
    *pictures_api.ROUTES,
    *appeals_api.ROUTES,
    *units_api.ROUTES,
    *examinations_api.ROUTES,
    *bulk_api.ROUTES,
    *review_api.ROUTES,
    *repayment_api.ROUTES,
    *recalls_api.ROUTES,
    *recalls_pages.ROUTES,
    *list_sources_api.ROUTES,
    *name_verdicts_api.ROUTES,
    *name_pages.ROUTES,
    *split_shipments_api.ROUTES,
    *split_shipments_pages.ROUTES,
    *cases_api.ROUTES,
    *follow_api_documents.ROUTES,
    *tracking_api.ROUTES,
    *tracking_api_queries.ROUTES,
    *webhooks_api.ROUTES,
    *case_api.ROUTES,
    *log_api.ROUTES,
    *parties_api.ROUTES,
    *offices_api.ROUTES,
    *guarantees_api.ROUTES,
    *agencies_api.ROUTES,
    *requirements_api.ROUTES,
    *requirement_pages.ROUTES,
    *agency_parcels_api.ROUTES,
    *agency_pages.ROUTES,
    *permits_api.ROUTES,
    *permit_pages.ROUTES,
    *recordals_api.ROUTES,
    *detentions_api.ROUTES,
    *extensions_api.ROUTES,
    *detention_pages.ROUTES,
    *recordal_pages.ROUTES,
    *payment_accounts_api.ROUTES,
    *bearing_api.ROUTES,
    *issuers_api.ROUTES,
    *schemes_api.ROUTES,
    *proofs_api.ROUTES,
    *scheme_pages.ROUTES,
    *bank_statements_api.ROUTES,
    *refunds_api.ROUTES,
    *money_api.ROUTES,
    *administration_pages.ROUTES,
    *office_pages.ROUTES,
    *staff_pages.ROUTES,
    *accounts_api.ROUTES,
    *settings_pages.ROUTES,
    *law_loading_pages.ROUTES,
    *lists_api.ROUTES,
    *law_generations_api.ROUTES,
    *administering_api.ROUTES,
    *approvals_api.ROUTES,
    *risk_api.ROUTES,
    *health.ROUTES,
    show_reference,
    *queue_pages.ROUTES,
    *dashboard_pages.ROUTES,
    *upload_pages.ROUTES,
    *declaration_pages.ROUTES,
    *declaration_amendment.ROUTES,
    *postal_forms_pages.ROUTES,
    *statement_api.ROUTES,
    *statement_pages.ROUTES,
    *money_pages.ROUTES,
    *case_pages.ROUTES,
    *act_pages.ROUTES,
    *repayment_pages.ROUTES,
    *reply_pages.ROUTES,
    *examination_pages.ROUTES,
    *picture_pages.ROUTES,
    *withdrawal_pages.ROUTES,
    *appeal_pages.ROUTES,
    *buyer_pages.ROUTES,
    *unit_pages.ROUTES,
    *bulk_pages.ROUTES,
    *law_pages.ROUTES,
    *comparison_pages.ROUTES,
    *calculator_pages.ROUTES,
    *track_api.ROUTES,
    *track_pages.ROUTES,
    *message_check_api.ROUTES,
    *describe_api.ROUTES,
    *message_check_pages.ROUTES,
    *statistics_pages.ROUTES,
    *fairness_pages.ROUTES,
    *risk_pages.ROUTES,
    *status_pages.ROUTES,
    *receipt_pages.ROUTES,
    *register_pages.ROUTES,
    *organisation_pages.ROUTES,
    *webhook_pages.ROUTES,
    *organisation_api.ROUTES,
    *account_pages.ROUTES,
    *oauth_api.ROUTES,
]
"""Routes of all rooms, the laboratory and the web layer itself."""


def build_application(settings: Settings, dsn: str) -> Litestar:
    """Build the application of one process on a migrated database; the node opens when the server starts.

    What requests need is provided by type: at once the kit and the settings, the rest by then.
    """
    clock, metrics = SystemClock(), Metrics()
    start_telemetry(clock, metrics)
    site = Site(
        name=settings.administration.name,
        is_test=settings.administration.is_test,
        is_demo=settings.administration.is_demo,
        has_https=settings.server.public_url.startswith("https:"),
        authentic_language=settings.administration.language,
        time_zone=settings.administration.time_zone,
        navigation=(*NAVIGATION, PROPOSALS) if _anything_is_proposed(settings) else NAVIGATION,
    )
    database = Database(
        dsn,
        pool_size_count=2,
        statement_timeout_ms=settings.database.statement_timeout_ms,
        lock_timeout_ms=settings.database.lock_timeout_ms,
        idle_timeout_ms=settings.database.idle_timeout_ms,
    )
    kit = Kit(
        pages=PageMaker(site, room_templates()),
        clock=clock,
        database=database,
        metrics=metrics,
        limits=_asking_limits(settings),
        sign_in_limit=RateLimit(
            per_second=settings.sign_in.tries_per_minute / 60, burst=settings.sign_in.burst_count
        ),
        sign_in_rules=_sign_in_rules(settings),
        has_access_log=settings.server.access_log,
        public_url=settings.server.public_url,
        providers=read_providers(settings.sign_in.providers_file),
        session_idles=timedelta(minutes=settings.sign_in.idle_minutes),
        rooms=_rooms(settings),
        body_stall_s=settings.server.body_timeout_ms / 1000,
        list_body_faults=list_body_faults,
    )
    app = build_litestar(kit, ROUTES, openapi_config=_openapi())
    provide(app, settings)
    app._lifespan_managers.append(_lifespan(settings, dsn, kit, metrics))
    return app


def _anything_is_proposed(settings: Settings) -> bool:
    return anything_waits(settings) or mode_of(settings) == "approval"


def room_templates() -> dict[str, Path]:
    """Return the template folder of each room that has one."""
    rooms = Path(serai.journey.__file__).parent
    folders = {path.parent.name: path for path in sorted(rooms.glob("*/templates"))}
    portal = rooms.parent / "portal" / "templates"
    return {**folders, **({"portal": portal} if portal.is_dir() else {})}


def _lifespan(settings: Settings, dsn: str, kit: Kit, metrics: Metrics) -> Any:
    @asynccontextmanager
    async def live(app: Litestar) -> AsyncGenerator[None]:
        async with contextlib.AsyncExitStack() as stack:
            # Before the first connection, so that its statements are told.
            stack.enter_context(running_traces(settings))
            node = await _open_or_tell(stack, settings, dsn, metrics)
            kit.database.administration_id = node.administration_id
            await stack.enter_async_context(kit.database)
            _serve(kit, node)
            readers = build_readers(node)
            mailing = build_mailing(node)
            measured = MeasuredService(metrics, clock=node.clock)
            provide(
                app,
                node,
                node.processor,
                node.services,
                LodgementService(node.batcher),
                Acts(node.processor),
                QueueService(node.processor),
                OfficersMarks(propose_mark, propose_mark if waits(settings, "marks") else None),
                PreloadingActs(node.processor),
                Mandates(
                    node.database,
                    node.ids,
                    node.clock,
                    node.administration_id,
                    node.processor.reach_mandates,
                ),
                mailing,
                Registering(node, mailing),
                Buyers(node.services, settings.buyers),
                OwnParcels(
                    readers.case_files, readers.replays, node.services, settings.administration.time_zone
                ),
                readers.case_files,
                readers.replays,
                readers.promises,
                readers.tracking_service,
                readers.webhook_service,
                await stack.enter_async_context(readers.quote_service),
                WorldService(lambda: node.processor.law, law_pages.files_of),
                CalculatorService(lambda: node.processor.law, law_pages.files_of, node.clock, metrics),
                CheckService(),
                FigureReader(),
                FairnessReader(),
                StatusReader(measured),
                UploadService(),
            )
            await stack.enter_async_context(measured.running())
            count = settings.server.workers_count
            await stack.enter_async_context(Deliverer(readers.webhook_service).running(count))
            mailer = Mailer(mailing, return_folder=_return_folder(settings))
            await stack.enter_async_context(mailer.running(count))
            yield

    return live


def _return_folder(settings: Settings) -> Path | None:
    return Path(settings.notices.return_folder) if settings.notices.return_folder else None


def _rooms(settings: Settings) -> Rooms:
    reserve_bytes = settings.data.free_min_bytes
    return Rooms(
        disk=DiskRoom(Path(settings.data.folder), free_min_bytes=reserve_bytes),
        spool=SpoolRoom(bytes_max=settings.server.max_spool_bytes, free_min_bytes=reserve_bytes),
        memory=MemoryRoom(free_min_bytes=settings.server.memory_free_min_bytes),
    )


def _asking_limits(settings: Settings) -> AskingLimits:
    server = settings.server
    return AskingLimits(
        party=RateLimit(per_second=server.party_requests_per_second, burst=server.party_burst_count),
        public=RateLimit(per_second=server.public_requests_per_second, burst=server.public_burst_count),
        bodies=AtOnce(server.bodies_count),
    )


def _sign_in_rules(settings: Settings) -> SignInRules:
    rules = settings.sign_in
    return SignInRules(
        lasts=timedelta(minutes=rules.session_minutes),
        tries=TriesAllowed(
            rules.account_tries_count, rules.network_tries_count, timedelta(minutes=rules.wait_minutes)
        ),
        needs_second_factor=rules.needs_second_factor,
        issuer=settings.administration.name,
    )


def _serve(kit: Kit, node: Node) -> None:
    seal = open_seal(node.settings, "second-factor")
    kit.serve(node.administration_id, take_id=lambda: int(node.ids.take(1)[0]), seal=seal)


async def _open_or_tell(
    stack: contextlib.AsyncExitStack, settings: Settings, dsn: str, metrics: Metrics
) -> Node:
    """Open the node; what prevents it is told by its code or its place, as the server's words stay out of the
    log."""
    try:
        return await stack.enter_async_context(open_node(settings, dsn, metrics=metrics))
    except SeraiError as error:
        telemetry().error("start-failed", code=error.code)
        raise
    except Exception as fault:
        report_incident(fault, "at-start", metrics)
        raise


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Serai",
        version="1",
        summary="Parcels in; explained, durable, provable decisions out.",
        path="/v1/openapi",
        render_plugins=[DescriptionPlugin(path="/openapi.json")],
        openapi_router=Router(
            "/v1/openapi", route_handlers=[], opt={"act": "public.read"}, include_in_schema=False
        ),
    )


def build_openapi() -> dict[str, Any]:
    """Return the OpenAPI description as it is served; nothing is started for it."""
    app = build_application(Settings(), "")
    return describe(app, app.openapi_schema.to_schema())
