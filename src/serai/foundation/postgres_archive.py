"""What a restore to an instant needs: copies of the embedded server's journal (WAL), and base backups."""

import re
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from serai.foundation.postgres_binaries import ServerUser
from serai.model.errors import SeraiError

_UNFINISHED = "unfinished"
_NAME = "%Y%m%dT%H%M%SZ"
_FIRST_SEGMENT = re.compile(r"^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)$", re.MULTILINE)
# After so long a segment is copied though it is not full: no more than this is lost with the disk.
_COPY_AFTER_S = 60


class BaseBackup(msgspec.Struct, frozen=True):
    """A copy of the server's data from which its journal goes on. ended_at: to be restored to, or later."""

    folder: Path
    ended_at: datetime

    @property
    def first_segment(self) -> str:
        """Return the name of the first file of the journal that it needs."""
        found = _FIRST_SEGMENT.search((self.folder / "backup_label").read_text())
        assert found is not None, "PostgreSQL writes this line into each base backup"
        return found[1]


class Archive:
    """A folder with `wal` and `base`, in which the server's user writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.journal = folder / "wal"
        self._base = folder / "base"

    @property
    def unfinished(self) -> Path:
        """Return where a base backup is written until it is whole."""
        return self._base / _UNFINISHED

    def open(self, user: ServerUser) -> None:
        """Make what is missing. Raises SeraiError `archive-folder-unreachable`."""
        try:
            for folder in (self._folder, self.journal, self._base):
                if not folder.exists():
                    folder.mkdir(mode=0o700, parents=True)
                    user.own(folder)
        except OSError as fault:
            raise self._unreachable(fault.strerror or "") from fault
        if not user.can_write(self.journal):
            raise self._unreachable("the database's user may not write there")

    def settings(self) -> dict[str, str]:
        """Return the settings of a server that copies its journal.

        A file that is there already is fine if it is the same: the server may have died before it knew.
        """
        target, unfinished = _quoted(self.journal, "/%f"), _quoted(self.journal, "/.unfinished")
        copy = f"dd if=%p of={unfinished} bs=1M conv=fsync status=none && mv {unfinished} {target}"
        command = f"if test -e {target}; then cmp -s %p {target}; else {copy}; fi"
        return {
            "archive_mode": "on",
            "archive_command": command,
            "archive_timeout": str(_COPY_AFTER_S),
        }

    def restoring(self, until: datetime | None) -> dict[str, str]:
        """Return the settings of a server that reads its journal again. until: None, all there is."""
        target = {} if until is None else {"recovery_target_time": until.astimezone(UTC).isoformat(" ")}
        return {
            # Nobody is served from what is not whole yet.
            "hot_standby": "off",
            "restore_command": f"cp {_quoted(self.journal, '/%f')} %p",
            "recovery_target_action": "promote",
            **target,
        }

    def finish(self, at: datetime) -> BaseBackup:
        """Take what is written as a whole base backup. at: when it ended."""
        # Up to a whole second: to be restored to it must lie after its end.
        whole = self._base / (at.astimezone(UTC) + timedelta(seconds=1)).strftime(_NAME)
        self.unfinished.rename(whole)
        return BaseBackup(whole, _instant(whole.name))

    def backups(self) -> list[BaseBackup]:
        """List the whole base backups, the oldest first."""
        if not self._base.is_dir():
            return []
        names = sorted(path.name for path in self._base.iterdir() if path.name != _UNFINISHED)
        return [BaseBackup(self._base / name, _instant(name)) for name in names]

    def find(self, until: datetime | None) -> BaseBackup:
        """Return the newest base backup that ended by `until`. Raises SeraiError `base-backup-missing`."""
        fitting = [one for one in self.backups() if until is None or one.ended_at <= until]
        if not fitting:
            kept = ", ".join(one.ended_at.isoformat() for one in self.backups()) or "none"
            raise SeraiError(
                "base-backup-missing",
                f"No base backup in {self._folder} ended before that instant. There are: {kept}.",
                "Name a later instant, or restore another backup.",
            )
        return fitting[-1]

    def keep_newest(self, count: int) -> int:
        """Remove all base backups but the newest, and what none of them needs; return how many files went.

        Files of the journal are named so that they sort in the order of writing, but for the first eight
        letters, which count restores.
        """
        backups = self.backups()
        for one in backups[:-count]:
            shutil.rmtree(one.folder)
        first = backups[-count:][0].first_segment
        old = [path for path in self.journal.iterdir() if len(path.name) >= 24 and path.name[8:] < first[8:]]
        for path in old:
            path.unlink()
        return len(old)

    def _unreachable(self, reason: str) -> SeraiError:
        return SeraiError(
            "archive-folder-unreachable",
            f"The archive of the database cannot be written in {self._folder}: {reason}.",
            "Give the folder to the database's user, or set database.archive_folder to another one.",
        )


def _instant(name: str) -> datetime:
    return datetime.strptime(name, _NAME).replace(tzinfo=UTC)


def _quoted(folder: Path, name: str) -> str:
    # PostgreSQL reads %f and %p in the words of a command, and %% as one.
    return shlex.quote(str(folder).replace("%", "%%")) + name
