"""`serai serve`: the database is brought up and migrated, then web processes answer until Ctrl-C."""

import asyncio

from serai.app import check_start, running_database
from serai.cli.web_processes import listen, run_workers
from serai.foundation.clock import SystemClock
from serai.foundation.settings_reading import read_settings_here


def serve(*, workers: int | None = None, port: int | None = None) -> int:
    """Serve the API and the pages.

    Parameters
    ----------
    workers
        Web processes; default: server.workers_count.
    port
        Port to listen on; default: server.port. 0 takes a free one.
    """
    settings = read_settings_here()
    with listen(settings, port) as listener, running_database(settings, SystemClock()) as dsn:
        asyncio.run(check_start(settings, dsn))
        print(f"Serai listens on http://{settings.server.host}:{listener.getsockname()[1]}", flush=True)
        run_workers(settings, dsn, listener, workers or settings.server.workers_count)
    return 0
