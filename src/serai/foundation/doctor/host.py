"""What the machine and the settings show: https, rights of keys, room, limits, the archive."""

import resource
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg

from serai.foundation.doctor.remark import Remark, blame, warn, well
from serai.foundation.key_files import check_private
from serai.foundation.postgres_archive import Archive
from serai.foundation.settings import Settings
from serai.model.errors import SeraiError

_ROOM_LOW_TIMES: Final = 8
"""How many times the reserve must be free for nobody to hurry."""
_FILES_MIN: Final = 4_096
_BASE_AGE_MAX: Final = timedelta(days=8)


def look_at_host(settings: Settings, at: datetime) -> Iterator[Remark]:
    """Look without the database. at: now."""
    yield from _look_at_settings(settings)
    yield from _look_at_keys(settings.data.keys_folder)
    yield from _look_at_room(settings)
    files_count = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    yield (
        well("open files", f"up to {files_count}")
        if files_count >= _FILES_MIN
        else warn(
            "open files",
            "files-limit-low",
            f"A process may open {files_count} files, and each connection is one.",
            f"Start with a limit of at least {_FILES_MIN}: LimitNOFILE= in the unit, ulimits in compose.",
        )
    )
    if not settings.database.dsn:
        yield _look_at_archive(settings.database.archive_folder, at)


def _look_at_settings(settings: Settings) -> Iterator[Remark]:
    server, is_earnest = settings.server, not settings.administration.is_test
    if is_earnest and not server.public_url.startswith("https://"):
        yield blame(
            "https",
            "https-missing",
            "A node with legal effect is reached by https alone, and server.public_url does not say so.",
            "Put a proxy with TLS in front, and set server.public_url to its https:// address.",
        )
    elif server.public_url.startswith("https://") and not server.trusted_proxies:
        yield warn(
            "https",
            "proxy-not-named",
            "A proxy does TLS, but server.trusted_proxies names none: all senders look like one.",
            "Set server.trusted_proxies to the proxy's address.",
        )
    else:
        yield well("https", server.public_url or "a test node on this machine")
    if is_earnest and settings.log.origin == type(settings.log)().origin:
        yield blame(
            "log origin",
            "log-origin-missing",
            "log.origin is what an untouched installation has; receipts of two such nodes look alike.",
            "Set log.origin to a name of yours before the first receipt is given.",
        )
    if is_earnest and not settings.sign_in.needs_second_factor:
        yield warn(
            "sign-in",
            "second-factor-missing",
            "A stolen password alone opens the pages.",
            "Set sign_in.needs_second_factor.",
        )
    yield from _look_at_dsn(settings.database.dsn)


def _look_at_dsn(dsn: str) -> Iterator[Remark]:
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    host = str(parts.get("host") or "")
    is_near = not host or host.startswith("/") or host in {"localhost", "127.0.0.1", "::1"}
    if not is_near and parts.get("sslmode") != "verify-full":
        yield warn(
            "database link",
            "database-not-verified",
            f"The link to {host} may be unencrypted, or to another machine that says it is the database.",
            "Add sslmode=verify-full and sslrootcert=FILE to database.dsn, or keep the network to yourself.",
        )


def _look_at_keys(folder: Path) -> Iterator[Remark]:
    if not folder.is_dir():
        yield warn(
            "keys",
            "keys-missing",
            f"There is no key folder {folder}.",
            "Before the first start that is right. Else put the folder back from its mirror: see the how-to.",
        )
        return
    try:
        for path in [folder, *sorted(folder.rglob("*"))]:
            check_private(path)
    except SeraiError as fault:
        yield blame("keys", fault.code, fault.message, fault.next_step)
        return
    except OSError as fault:
        yield blame(
            "keys",
            "keys-unreadable",
            f"{folder} cannot be read: {fault.strerror}.",
            "Run it as Serai's own user.",
        )
        return
    yield well("keys", f"{folder}, for its owner alone")


def _look_at_room(settings: Settings) -> Iterator[Remark]:
    reserve = settings.data.free_min_bytes
    archive = settings.database.archive_folder
    for name, folder in (("data", settings.data.folder), ("archive", archive)):
        place = next((one for one in (Path(folder), *Path(folder).parents) if one.exists()), None)
        if not folder or place is None:
            continue
        free_bytes = shutil.disk_usage(place).free
        words = f"{free_bytes >> 20:,} MiB free where {folder} lies"
        if free_bytes < reserve:
            yield blame(f"room for {name}", "disk-full", f"{words}: nothing is taken in.", "Free some space.")
        elif free_bytes < _ROOM_LOW_TIMES * reserve:
            yield warn(f"room for {name}", "disk-low", f"{words}.", "Make the volume larger, or free space.")
        else:
            yield well(f"room for {name}", words)


def _look_at_archive(folder: str, at: datetime) -> Remark:
    if not folder:
        return warn(
            "backup",
            "archive-not-set",
            "No archive of the database is kept: it goes back to a dump, if there is one, and no further.",
            "Set database.archive_folder, start `serai serve` anew, and type `serai backup take`.",
        )
    try:
        backups = Archive(Path(folder)).backups()
    except OSError as fault:
        return blame(
            "backup", "archive-folder-unreachable", f"{folder}: {fault.strerror}.", "Run as Serai's own user."
        )
    if not backups:
        return blame(
            "backup", "base-backup-missing", f"{folder} holds no base backup.", "Type `serai backup take`."
        )
    newest = backups[-1].ended_at
    if at - newest > _BASE_AGE_MAX:
        return warn(
            "backup",
            "base-backup-old",
            f"The newest base backup is of {newest:%Y-%m-%d}: a restore reads all that was written since.",
            "Type `serai backup take`, or see why its timer did not.",
        )
    return well("backup", f"newest base backup: {newest:%Y-%m-%d %H:%M} UTC")
