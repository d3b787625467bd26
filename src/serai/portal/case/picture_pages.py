"""Pictures of the goods on a case's page: added by whoever declared them, opened by officers."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from serai.foundation.access.table import may
from serai.foundation.http.form_files import read_file
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.pictures.service import PICTURED, PICTURES_COUNT_MAX, add_picture
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.documents.pictures import CONTENT_BYTES_MAX, read_picture_beside
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.model.errors import SeraiError
from serai.portal.case.given_documents import SentDocument

_Request = Request[Any, Any, Any]
_NAME_MAX: Final = 70


class GoodsPictures(msgspec.Struct, frozen=True):
    """What the page shows. pictures: oldest first, their href for officers alone. left_count: how many more
    may be added; number: of the next, so that a form that is sent twice adds one."""

    pictures: list[SentDocument]
    left_count: int
    number: str


async def read_goods_pictures(request: _Request, case_id: int) -> GoodsPictures:
    """Return the pictures of a case for an officer, or its sender's own; none for whoever else sees it."""
    files, actor = provided(request, CaseFiles), actor_of(request)
    opens = may(actor, "buyers.answer")
    async with files.database.read(files.administration_id) as connection:
        found = await select_standing_acts(
            connection, [case_id], [PICTURED], administration_id=files.administration_id
        )
    shown = [
        SentDocument(
            f"/v1/cases/{format_id(case_id)}/proofs/{format_id(act.act_id)}" if opens else "",
            str(act.parameters["media_type"]),
            int(act.parameters["size_bytes"]),
            act.at,
        )
        for _, act in found
        if opens or actor.party_id in (act.party_id, act.on_behalf_of)
    ]
    number = int(provided(request, Processor).services.ids.take(1)[0])
    return GoodsPictures(shown, max(0, PICTURES_COUNT_MAX - len(shown)), f"picture-{format_id(number)}")


@post(
    "/parcels/{case_id:str}/pictures",
    opt={"act": "information.give"},
    status_code=303,
    include_in_schema=False,
    request_max_body_size=CONTENT_BYTES_MAX + 100_000,
)
async def add_goods_picture(request: _Request, case_id: FromPath[str]) -> Response[None]:
    """Take a picture of the goods; its name and stated type count for nothing."""
    form = await request.form()
    file = form.get("file")
    content = await read_file(file)
    reference, consignment = (str(form.get(name) or "")[:_NAME_MAX] for name in ("reference", "consignment"))
    if not content or not reference:
        raise SeraiError("form-incomplete", "There is no photo.", "Choose one, and send it.")
    await add_picture(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(case_id),
        reference=reference,
        picture=await read_picture_beside(content),
        consignment=consignment or None,
    )
    return Response(None, status_code=303, headers={"location": f"/parcels/{case_id}#pictures"})


ROUTES = [add_goods_picture]
