"""`serai webhook`: an operator registers, lists, replays and removes webhooks of a party."""

import pytest

from tests.cli.typing_commands import typed


@pytest.fixture
def node(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SERAI_DATABASE_DSN", database)
    return database


@pytest.mark.usefixtures("node")
def test_a_webhook_is_added_listed_told_again_and_removed(capfd: pytest.CaptureFixture[str]) -> None:
    party = typed(capfd, "party", "add", "Invented Shop", "--role", "seller").json()["party"]
    own = ("--party", party)
    made = typed(capfd, "webhook", "add", "https://shop.example/hook", *own, "--reference", "a").json()
    again = typed(capfd, "webhook", "add", "https://shop.example/hook", *own, "--reference", "a")
    inside = typed(capfd, "webhook", "add", "https://10.0.0.1/", *own, "--reference", "b")
    listed = typed(capfd, "webhook", "list").json()
    replayed = typed(capfd, "webhook", "replay", made["webhook"], *own, "--after", "")
    tries = typed(capfd, "webhook", "tries", made["webhook"], *own).json()
    removed = typed(capfd, "webhook", "remove", made["webhook"], *own)
    gone = typed(capfd, "webhook", "remove", made["webhook"], *own)

    assert made["secret"].startswith("whsec_")
    assert "webhook-exists" in again.err
    assert "/url" in inside.err
    assert [(one["reference"], one["state"]) for one in listed] == [("a", "active")]
    assert made["secret"] not in str(listed)
    assert (replayed.code, tries, removed.code) == (0, [], 0)
    assert "webhook-unknown" in gone.err
