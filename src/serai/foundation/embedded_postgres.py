"""A PostgreSQL server of our own: from the wheel's programs, on a local socket, in one folder.

Every step answers a trap that was met in trials: root, crash recovery, a stale pid file, two starters at
once, a socket path that is too long, a full disk.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal

import psycopg

from serai.foundation import postgres_process
from serai.foundation.postgres_archive import Archive
from serai.foundation.postgres_binaries import ServerUser, choose_server_user, find_binaries
from serai.foundation.queries import load_queries
from serai.foundation.settings import Settings
from serai.model.errors import SeraiError

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))
# A socket's path holds 107 bytes; PostgreSQL adds "/.s.PGSQL.5432" to the folder.
_SOCKET_FOLDER_BYTES_MAX = 107 - len("/.s.PGSQL.5432")
_LOG_BYTES_MAX = 10 * 1024 * 1024
_STOP_PATIENCE_S = 60
_JOURNAL_MB_MIN, _JOURNAL_MB_MAX = 64, 8_192
_DISKS_A_JOURNAL = 16
_WATCH_PAUSE_S = 0.25
_WATCH_PAUSE_S_MAX = 5.0
# Where a server runs that root starts in a folder which the server's user may not enter.
_PLACE_WHEN_UNREACHABLE = Path("/var/lib/serai")
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "200",
    "shared_buffers": "512MB",
    "checkpoint_timeout": "15min",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and failing rows may hold personal data, which has no place in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """The server of one folder. Processes share it: the first starts it, the others find it.

    folder: holds all of it, made when missing; its parent holds the lock of starters.
    until: "stopped" lives on until somebody stops it; "starter-ends" also ends when the starting process is
    killed (Linux; start it from the main thread then: the system watches the thread that started it).
    settings: PostgreSQL settings that differ from ours. programs: folder of an installed PostgreSQL; None:
    the wheel's. archive: where what a restore to an instant needs goes; None: nowhere.
    """

    def __init__(
        self,
        folder: Path,
        *,
        until: Literal["stopped", "starter-ends"] = "stopped",
        settings: Mapping[str, str] | None = None,
        programs: Path | None = None,
        archive: Archive | None = None,
    ) -> None:
        self._folder = folder.absolute()
        self._place = self._folder
        self._until = until
        kept = {} if archive is None else archive.settings()
        self._settings = {**_SETTINGS, **kept, **(settings or {})}
        self._programs = programs
        self._archive = archive
        self.user = choose_server_user(self._folder)
        self._child: subprocess.Popen[bytes] | None = None
        self._is_starter = False

    @classmethod
    def of_node(
        cls,
        settings: Settings,
        *,
        until: Literal["stopped", "starter-ends"] = "starter-ends",
        differing: Mapping[str, str] | None = None,
    ) -> "EmbeddedPostgres":
        """Return the server of a node. differing: PostgreSQL settings that are not ours, for this start."""
        wanted = settings.database
        return cls(
            Path(settings.data.folder) / "postgres",
            until=until,
            settings=differing,
            programs=Path(wanted.programs_folder) if wanted.programs_folder else None,
            archive=Archive(Path(wanted.archive_folder)) if wanted.archive_folder else None,
        )

    @property
    def archive(self) -> Archive:
        """Return where what a restore to an instant needs goes. Raises SeraiError `archive-not-set`."""
        if self._archive is None:
            raise SeraiError(
                "archive-not-set",
                "No archive of the database is kept, so there is nothing to go back from.",
                "Set database.archive_folder, start `serai serve` anew, and type `serai backup take`.",
            )
        return self._archive

    def start(self) -> str:
        """Start the server, or find the one that runs; return the connection string of database `serai`.

        Waits as long as crash recovery takes. Raises SeraiError `disk-full`, `database-cannot-start` or
        `database-folder-unreachable`.
        """
        with self._alone():
            self._place = self._find_place()
            if self._find_running():
                self._forget_ended_child()
            else:
                self._initialise()
                self._clear_leftovers()
                self._is_starter = True
                self._launch()
            try:
                self._create_database()
            except SeraiError:
                # What we started must not stay when it fails; a server found running belongs to others.
                if self._is_starter:
                    self.stop()
                raise
        return self._dsn("serai", "serai")

    def stop(self) -> None:
        """Stop the server cleanly, whoever started it: sessions end, all is written, the pid file goes."""
        self._place = self._folder.resolve()
        process_id = self._find_process()
        if process_id is not None:
            os.kill(process_id, signal.SIGINT)
            self._await_end(process_id)
        if self._child is not None:
            self._child.wait()
            self._child = None
        self._is_starter = False

    def _find_process(self) -> int | None:
        """Return the running server's process: by its pid file, or ours whose folder was removed."""
        pid_file = postgres_process.read_pid_file(self._data)
        if pid_file is not None and postgres_process.is_server_of(pid_file.process_id, self._data):
            return pid_file.process_id
        return None if self._child is None or self._child.poll() is not None else self._child.pid

    @contextmanager
    def kept_running(self, tell: Callable[[SeraiError | None], None]) -> Iterator[str]:
        """Run the server and start it again whenever it dies: killed by the system, for want of disk, or with
        whoever had started the one that was found.

        tell: called in another thread with None when it runs again, else with why it does not; it is tried
        again all the same.
        """
        with self as dsn:
            is_ending = threading.Event()
            watch = threading.Thread(target=self._watch, args=(is_ending, tell), name="watch-postgres")
            watch.start()
            try:
                yield dsn
            finally:
                is_ending.set()
                watch.join()

    def _watch(self, is_ending: threading.Event, tell: Callable[[SeraiError | None], None]) -> None:
        pause_s = _WATCH_PAUSE_S
        while not is_ending.wait(pause_s):
            if self._is_running():
                continue
            try:
                self.start()
            except SeraiError as fault:
                tell(fault)
                pause_s = min(2 * pause_s, _WATCH_PAUSE_S_MAX)
            else:
                tell(None)
                pause_s = _WATCH_PAUSE_S

    def _is_running(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        pid_file = postgres_process.read_pid_file(self._data)
        return pid_file is not None and postgres_process.is_server_of(pid_file.process_id, self._data)

    def _forget_ended_child(self) -> None:
        """Let the server be another's, who was quicker to start it after ours had ended."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None
            self._is_starter = False

    def superuser_dsn(self, database: str = "postgres") -> str:
        """Return the connection string of the server's superuser: for an operator, not for requests."""
        return self._dsn("postgres", database)

    def running_dsn(self) -> str | None:
        """Return the connection string of database `serai`; None where the server does not run."""
        self._place = self._folder.resolve()
        return self._dsn("serai", "serai") if self._is_running() else None

    def run_program(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's own programs as the server's user. Raises OSError."""
        return self.user.run([str(self._binaries() / name), *words])

    @contextmanager
    def while_stopped(self) -> Iterator[Path]:
        """Give the folder of a server that does not run, and keep others from starting it.

        Raises SeraiError `database-runs`.
        """
        with self._alone():
            self._place = self._find_place()
            if self._find_running():
                raise SeraiError(
                    "database-runs",
                    f"The embedded PostgreSQL of {self._folder} runs.",
                    "Stop `serai serve`, and try again.",
                )
            self._clear_leftovers()
            yield self._data

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A server that was found running belongs to others too.
        if self._is_starter:
            self.stop()

    @property
    def _data(self) -> Path:
        return self._place / "data"

    @property
    def _log(self) -> Path:
        return self._place / "log"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of starters. The system frees it when its holder dies."""
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            with self._folder.with_name(self._folder.name + ".lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as fault:
            raise self._failure(f"The folder {self._folder} cannot be used: {fault.strerror}.") from fault

    def _find_place(self) -> Path:
        """Return the folder in which the server's user can work: ours, or one that ours then links to."""
        if not self._folder.exists():
            self._folder.mkdir(mode=0o700)
        place = self._folder.resolve()
        if place.stat().st_uid == os.geteuid():
            self.user.own(place)
        if self.user.can_write(place):
            return place
        if self.user.is_other and not any(self._folder.iterdir()):
            return self._move_away()
        raise SeraiError(
            "database-folder-unreachable",
            f"The database's user may not write in {self._folder}, or may not enter a folder above it.",
            "Choose another data.folder, or start Serai as the folder's owner.",
        )

    def _move_away(self) -> Path:
        # Opening root's own folders to others would be worse than a link. Never a name made of the folder's
        # path: whoever removes the folder and begins anew would meet the database of the one before.
        _PLACE_WHEN_UNREACHABLE.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix="postgres-", dir=_PLACE_WHEN_UNREACHABLE))
        self.user.own(place)
        self._folder.rmdir()
        self._folder.symlink_to(place)
        return place

    def _find_running(self) -> bool:
        """Wait for a server that starts, recovers or stops; say whether one runs in the end."""
        while (pid_file := postgres_process.read_pid_file(self._data)) is not None:
            if not postgres_process.is_server_of(pid_file.process_id, self._data):
                return False
            if pid_file.socket_folder and self._accepts():
                return True
            time.sleep(0.02)
        return False

    def _accepts(self) -> bool:
        """Say whether the server takes connections; False while it starts, recovers or stops.

        Raises SeraiError when it runs but refuses for good, as on a full disk.
        """
        try:
            psycopg.connect(self.superuser_dsn()).close()
        except psycopg.OperationalError as fault:
            if postgres_process.refuses_for_good(fault):
                raise self._failure(str(fault)) from fault
            return "too many clients" in str(fault)
        return True

    def _initialise(self) -> None:
        """Make the data folder when it is missing; a half-made one is never taken for a whole one."""
        if (self._data / "PG_VERSION").exists():
            return
        unfinished = self._place / "data.unfinished"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        # Without ICU only the builtin provider knows more than ASCII, and it sorts alike on every machine.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        words = ["-D", str(unfinished), "-U", "postgres", "-A", "trust", "-E", "UTF8", *locale]
        outcome = self.user.run([str(self._binaries() / "initdb"), *words])
        if outcome.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise self._failure(outcome.stderr)
        unfinished.rename(self._data)

    def _clear_leftovers(self) -> None:
        """Remove what a killed server left: sessions that compute, lock files with a stranger's number.

        PostgreSQL does so itself, but not when the number lives on: as somebody else's process, or as a dead
        one that nobody collects, as in containers whose first process does not.
        """
        postgres_process.end_leftover_sessions(self._data)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        (self._make_socket_folder() / f".s.PGSQL.{self._settings['port']}.lock").unlink(missing_ok=True)

    def _launch(self) -> None:
        if self._archive is not None:
            self._archive.open(self.user)
        if self._log.exists() and self._log.stat().st_size > _LOG_BYTES_MAX:
            self._log.replace(self._log.with_name("log.1"))
        binaries = self._binaries()
        settings = {
            "wal_compression": _wal_compression(binaries, self.user),
            "max_wal_size": f"{_choose_journal_mb(self._data)}MB",
            **self._settings,
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [
            str(word)
            for word in (binaries / "postgres", "-D", self._data, "-k", self._make_socket_folder(), *options)
        ]
        words_before_count = self._log.stat().st_size if self._log.exists() else 0
        process_id = (
            self._spawn_bound(command) if self._until == "starter-ends" else self._spawn_free(command)
        )
        try:
            while postgres_process.is_alive(process_id):
                pid_file = postgres_process.read_pid_file(self._data)
                if pid_file is not None and pid_file.socket_folder and self._accepts():
                    return
                time.sleep(0.02)
        except SeraiError:
            self.stop()
            raise
        if self._child is not None:
            self._child.wait()
            self._child = None
        raise self._failure(self._log.read_bytes()[words_before_count:].decode(errors="replace"))

    def _spawn_free(self, command: list[str]) -> int:
        """Start a server that is nobody's child, so that it can outlive us without a trace here."""
        script = 'log=$1; shift; "$@" >>"$log" 2>&1 & echo $!'
        outcome = self.user.run(["/bin/sh", "-c", script, "sh", str(self._log), *command])
        return int(outcome.stdout)

    def _spawn_bound(self, command: list[str]) -> int:
        """Start a server to which the system sends the stop signal when we die."""
        setpriv = shutil.which("setpriv")
        if setpriv is not None:
            command = [setpriv, "--pdeathsig", "INT", "--", *command]
        with self._log.open("ab") as log:
            self.user.own(self._log)
            # A session of its own: Ctrl-C in the terminal must reach us only.
            self._child = subprocess.Popen(  # noqa: S603 (our own words only)
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.user.demotion(),
            )
        return self._child.pid

    def _await_end(self, process_id: int) -> None:
        deadline = time.monotonic() + _STOP_PATIENCE_S
        while postgres_process.is_alive(process_id):
            if self._child is not None and self._child.pid == process_id:
                self._child.poll()
            if time.monotonic() > deadline:
                raise self._failure(
                    f"The server (process {process_id}) did not stop in {_STOP_PATIENCE_S} seconds."
                )
            time.sleep(0.01)

    def _create_database(self) -> None:
        try:
            with psycopg.connect(self.superuser_dsn(), autocommit=True) as connection:
                for wanted in ("role", "database"):
                    if connection.execute(_QUERIES[f"select_{wanted}"]).fetchone() is None:
                        connection.execute(_QUERIES[f"create_{wanted}"])
                connection.execute(_QUERIES["make_roles"])
        except psycopg.Error as fault:
            raise self._failure(str(fault)) from fault

    def _binaries(self) -> Path:
        return find_binaries(self._place / "binaries", self.user, self._programs)

    def _make_socket_folder(self) -> Path:
        """Return a folder with a path short enough for a socket; one in /tmp is recorded beside the data."""
        if len(os.fsencode(self._place)) <= _SOCKET_FOLDER_BYTES_MAX:
            return self._place
        record = self._place / "socket-folder"
        if record.exists():
            recorded = Path(record.read_text())
            if recorded.is_dir() and recorded.stat().st_uid == self.user.user_id:
                return recorded
        short = Path(tempfile.mkdtemp(prefix="serai-", dir="/tmp"))
        self.user.own(short)
        record.write_text(str(short))
        return short

    def _dsn(self, user: str, database: str) -> str:
        pid_file = postgres_process.read_pid_file(self._data)
        assert pid_file is not None, "start the server first"
        return psycopg.conninfo.make_conninfo(
            host=pid_file.socket_folder, port=pid_file.port, user=user, dbname=database
        )

    def _failure(self, words: str) -> SeraiError:
        last_words = " | ".join(line.strip() for line in words.splitlines()[-12:] if line.strip())[-1500:]
        if "No space left on device" in words:
            return SeraiError(
                "disk-full",
                f"The disk of {self._folder} is full: {last_words}",
                "Free some space and start again; nothing that was answered is lost.",
            )
        return SeraiError(
            "database-cannot-start",
            f"The embedded PostgreSQL did not start: {last_words}",
            f"Read {self._log}, put the cause right and start again, or set database.dsn to another server.",
        )


def _choose_journal_mb(folder: Path) -> int:
    """How large the journal may grow between checkpoints, MB: it takes up to twice that on a busy day, so at
    most an eighth of a small disk."""
    disk_mb = shutil.disk_usage(folder).total >> 20
    return min(max(disk_mb // _DISKS_A_JOURNAL, _JOURNAL_MB_MIN), _JOURNAL_MB_MAX)


def _wal_compression(binaries: Path, user: ServerUser) -> str:
    configuration = user.run([str(binaries / "pg_config"), "--configure"]).stdout
    # PostgreSQL's own pglz costs more processor time than the bytes it saves are worth.
    return "lz4" if "lz4" in configuration else "off"
