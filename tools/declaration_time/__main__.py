"""Times a filing on a phone with a slow network and writes docs/reference/declaration-time.md.

`python -m tools.declaration_time`; exits with 1 where a person of average pace would take five minutes or
more.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from serai.app import open_node, running_database
from serai.foundation.access.actor import MemberRole
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.members import organisations
from serai.foundation.access.passwords import hash_password
from serai.foundation.clock import SystemClock
from serai.foundation.settings import Settings
from serai.web.application import build_application
from tests.browser.chromium import FLAGS, ROOT
from tests.browser.look_at_pages import fill, make_settings, serving

from tools.declaration_time.driving import EMAIL, PASSWORD, drive
from tools.declaration_time.person import PACES, Effort
from tools.declaration_time.report import LIMIT_SECONDS, total_seconds, write_report

_REPORT = ROOT / "docs" / "reference" / "declaration-time.md"
_PARCELS_COUNT = 100
_PACE = PACES[0]


def main() -> int:
    """Fill a node, file twice, write what was seen."""
    folder = Path(tempfile.mkdtemp(prefix="serai-declaration-time-"))
    settings = make_settings(folder)
    try:
        with running_database(settings, SystemClock()) as dsn:
            asyncio.run(fill(settings, dsn, _PARCELS_COUNT, links_count=0))
            asyncio.run(_add_seller(settings, dsn))
            with serving(build_application(settings, dsn)) as address:
                first, second = _drive(address)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_report(first, second, _REPORT, SystemClock().now())
    taken = total_seconds(first, _PACE, is_first=True)
    sys.stdout.write(f"{_PACE.name}: {taken:.0f} s, of which {first.waited_seconds:.1f} s are waits\n")
    return 0 if taken < LIMIT_SECONDS else 1


def _drive(address: str) -> tuple[Effort, Effort]:
    command = [sys.executable, str(ROOT / "tools" / "find_chromium.py"), "--no-fetch"]
    path = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        found = drive(browser, address)
        browser.close()
    return found


async def _add_seller(settings: Settings, dsn: str) -> None:
    """Add an organisation whose manager signs in."""
    async with open_node(settings, dsn) as node:
        by = ActingUser(
            node.administration_id,
            "operator:declaration-time",
            node.clock.now(),
            lambda: int(node.ids.take(1)[0]),
        )
        async with node.database.write() as connection:
            party_id = await organisations.add_organisation(
                connection, by, name="Wanjiru Baskets", country_code="KE", roles=["seller"]
            )
            await organisations.add_member(
                connection,
                by,
                account_id=int(node.ids.take(1)[0]),
                party_id=party_id,
                email=EMAIL,
                password_hash=hash_password(PASSWORD),
                member_role=MemberRole.MANAGER,
                language="en",
            )


if __name__ == "__main__":
    sys.exit(main())
