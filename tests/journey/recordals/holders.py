"""Rights holders beside the usual parties, and what they send."""

import asyncio
import base64
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from PIL import Image
from psycopg import AsyncConnection

from serai.foundation.access import parties
from tests.journey.cases.world import AT, SCOPES, World, parcel

HOLDERS = {"holder": 40, "other-holder": 41}


def add_holders(world: World) -> None:
    """Register two holders of rights and give them keys."""
    world.keys.update(asyncio.run(_register(world.dsn)))


async def _register(dsn: str) -> dict[str, str]:
    keys = {}
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        for name, party_id in HOLDERS.items():
            own: dict[str, Any] = {"party_id": party_id, "administration_id": 1}
            await parties.create_party(connection, name=f"Invented {name}", at=AT, **own)
            await parties.add_role(connection, role="rights_holder", at=AT, **own)
            key = await parties.add_key(
                connection, key_id=1_000 + party_id, scopes=SCOPES, at=AT, expires_at=None, **own
            )
            keys[name] = key.text
    return keys


def call(world: World, party: str, path: str, body: Any = None) -> httpx2.Response:
    """Ask, or send a body."""
    with world.client(party) as client:
        return client.get(path) if body is None else client.post(path, json=body)


def terms(reference: str, mark: str, **changes: Any) -> dict[str, Any]:
    """A sound recordal of a word mark for shoes and shirts."""
    return {
        "reference": reference,
        "kind_code": "trade-mark",
        "right_number": "018000001",
        "marks": [mark],
        "hs_prefixes": ["64", "6109"],
        "last_day": (datetime.now(UTC).date() + timedelta(days=200)).isoformat(),
        "contact_name": "Brand protection",
        "contact_email": "rights@holder.example",
        "evidence_link": "https://register.example/018000001",
        "seller_ids": ["HOLDER-SHOP"],
    } | changes


def lodge(world: World, reference: str, mark: str, party: str = "holder", **changes: Any) -> str:
    """Lodge a recordal; return its id."""
    answer = call(world, party, "/v1/recordals", terms(reference, mark, **changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["recordal_id"])


def grant(world: World, recordal_id: str) -> dict[str, Any]:
    """Let the officer grant a recordal."""
    answer = call(world, "officer", f"/v1/recordals/{recordal_id}/decision", {"decision": "granted"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shoe(reference: str, mark: str, **changes: Any) -> dict[str, Any]:
    """A declaration of a shirt whose description names a mark."""
    declared = parcel(reference)
    declared["goods_items"][0] |= {"description": f"T-shirt {mark}, cotton, knitted"}
    return declared | changes


def picture(side_px: int = 40) -> str:
    """A picture, in base64."""
    kept = io.BytesIO()
    Image.new("RGB", (side_px, side_px), (10, 120, 200)).save(kept, "PNG")
    return base64.b64encode(kept.getvalue()).decode()
