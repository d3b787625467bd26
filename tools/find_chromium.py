"""Find a Chromium that runs here, fetch one where that is possible, or say plainly that there is none.

Prints the path on standard output (nothing when there is none), what a person should know on standard error.
Looked for: SERAI_CHROMIUM, the usual names on PATH, Playwright's own folder. With `--no-fetch` nothing is
downloaded. Exit code 0 when found; 1 when there is none, unless SERAI_BROWSER=required, then 2.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = (
    # The same engine without a window to draw: pages of the tests take it a third of the processor's time.
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
)
# As root Chromium refuses its sandbox; the rest keeps it from calling out and from touching a GPU.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAGE = "data:text/html,<p>serai</p>"
START_S_MAX = 30
FETCH_S_MAX = 300


def main() -> int:
    """Print the path of a Chromium that starts; return the exit code."""
    found = first_that_starts(candidates())
    if found is None and "--no-fetch" not in sys.argv[1:] and "SERAI_CHROMIUM" not in os.environ:
        found = fetch()
    if found is not None:
        print(found)
        return 0
    note(
        "BROWSER TESTS ARE LEFT OUT: no Chromium that starts was found, and none was fetched. "
        "Next: install one (Debian: apt-get install chromium-headless-shell) or set "
        "SERAI_CHROMIUM=/path/to/chromium."
    )
    return 2 if os.environ.get("SERAI_BROWSER") == "required" else 1


def candidates() -> list[Path]:
    """Return the paths worth a try, best first."""
    named = os.environ.get("SERAI_CHROMIUM")
    if named:
        return [Path(named)]
    on_path = [Path(path) for name in NAMES if (path := shutil.which(name))]
    return [*on_path, playwright_path()]


def playwright_path() -> Path:
    """Return where Playwright keeps, or would keep, its own Chromium."""
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def first_that_starts(paths: list[Path]) -> Path | None:
    """Return the first path that is there and renders a page, else None."""
    for path in paths:
        if not path.exists():
            continue
        if starts(path):
            return path
        note(f"{path} is there but does not start")
    return None


def starts(path: Path) -> bool:
    """Tell whether this Chromium renders a page in a fresh profile."""
    with tempfile.TemporaryDirectory(prefix="serai-chromium-", ignore_cleanup_errors=True) as profile:
        command = [
            str(path),
            *FLAGS,
            f"--user-data-dir={profile}",
            "--dump-dom",
            "data:text/html,<p>serai</p>",
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=START_S_MAX, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
    return "<p>serai</p>" in done.stdout


def fetch() -> Path | None:
    """Let Playwright fetch its Chromium; return the path if it then starts, else None."""
    note("no Chromium here: letting Playwright fetch one (once, some 180 MB)")
    command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
    try:
        done = subprocess.run(command, stdout=sys.stderr, timeout=FETCH_S_MAX, check=False)
    except subprocess.TimeoutExpired:
        return None
    return first_that_starts([playwright_path()]) if done.returncode == 0 else None


def note(line: str) -> None:
    """Tell a person, without disturbing standard output."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
