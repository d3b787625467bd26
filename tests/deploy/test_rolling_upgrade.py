"""A new version takes over while parcels are filed: expand the database, serve with both, contract it."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.faults.serving import ROOT, Serving, encoded, parcel, serving, short_folder

PRE = """
ALTER TABLE declared_consignment ADD COLUMN invented_note text;
ALTER TABLE administration ADD COLUMN full_name text;
UPDATE administration SET full_name = name;
ALTER TABLE administration ALTER COLUMN full_name SET NOT NULL;
ALTER TABLE administration ALTER COLUMN name DROP NOT NULL;
CREATE FUNCTION keep_both_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.full_name := coalesce(NEW.full_name, NEW.name);
    RETURN NEW;
END
$$;
CREATE TRIGGER both_names BEFORE INSERT ON administration FOR EACH ROW EXECUTE FUNCTION keep_both_names();
"""
POST = """
DROP TRIGGER both_names ON administration;
DROP FUNCTION keep_both_names();
ALTER TABLE administration DROP COLUMN name;
"""


@pytest.fixture(scope="module")
def new_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of a version that knows an administration's full name instead of its name."""
    tree: Path = tmp_path_factory.mktemp("new-version")
    for name in ("src", "migrations", "laws", "examples", "conformance"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    number = 1 + max(int(path.name[:4]) for path in (tree / "migrations").glob("*.sql"))
    (tree / f"migrations/{number:04}_pre_add_full_name.sql").write_text(PRE)
    (tree / f"migrations/{number + 1:04}_post_drop_name.sql").write_text(POST)
    statements = tree / "src/serai/foundation/administration.sql"
    words = statements.read_text()
    assert "administration_id, code, name, time_zone" in words
    statements.write_text(
        words.replace(
            "administration_id, code, name, time_zone", "administration_id, code, full_name, time_zone"
        )
    )
    return tree


@dataclass
class Filer:
    """Files one parcel after the other, at whichever process is named, and keeps what was not decided."""

    node: Serving
    key: str
    answered_count: int = 0
    faults: list[str] = field(default_factory=list)
    is_ending: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.is_ending.is_set():
            reply = self.node.send(encoded(parcel(f"ROLL-{self.answered_count}")), self.key)
            if reply.status != 201 or reply.json()["status"] != "decided":
                self.faults.append(f"{reply.status} {reply.content[:200]!r}")
            self.answered_count += 1

    def await_more(self) -> None:
        """Wait until some more parcels were answered."""
        wanted, end = self.answered_count + 5, time.monotonic() + 60
        while self.answered_count < wanted:
            assert time.monotonic() < end, "filing stands still"
            time.sleep(0.05)


@pytest.fixture
def old(database: str) -> Iterator[Serving]:
    """The version of this tree, which serves."""
    variables = {"SERAI_DATABASE_DSN": database}
    with short_folder() as folder, serving(folder, workers=1, environment=variables) as node:
        yield node


@pytest.mark.slow
def test_two_versions_serve_one_database_between_expanding_and_contracting(
    old: Serving, new_version: Path
) -> None:
    variables = {**old.environment, "PYTHONPATH": f"{new_version / 'src'}{os.pathsep}{ROOT}"}
    new = replace(old, port=0, process=None, environment=variables)
    _, key = old.add_party("Invented Filer")
    filer = Filer(old, key)
    thread = threading.Thread(target=filer.run)
    thread.start()
    try:
        filer.await_more()
        expanded = new.command("migrate", "--phase", "pre", "--output", "json")
        assert "_pre_add_full_name.sql" in expanded.stdout, expanded.stderr
        filer.await_more()
        new.start()
        filer.await_more()
        filer.node = new
        filer.await_more()
        old.stop()
        contracted = new.command("migrate", "--phase", "post", "--output", "json")
        assert "_post_drop_name.sql" in contracted.stdout, contracted.stderr
        filer.await_more()
    finally:
        filer.is_ending.set()
        thread.join(60)
        new.stop()
    refused = old.command("serve", "--port", "0")
    stored = new.rows("SELECT count(*) FROM consignment WHERE reference LIKE 'ROLL-%%'")
    columns = new.rows("SELECT full_name FROM administration")

    assert filer.faults == []
    assert stored == [(filer.answered_count,)]
    assert columns == [("Test administration",)]
    assert (refused.returncode, "database-newer" in refused.stderr) == (2, True), refused.stderr
