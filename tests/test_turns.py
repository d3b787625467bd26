"""Longer tests take turns: each comes once in ten, and all where nobody says whose turn it is."""

import pytest

from tests.turns import TURNS, VARIABLE, is_in_turn

NAMES = [f"tests/journey/test_parcels.py::test_number_{number}" for number in range(300)]


def test_each_comes_once_in_all_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    for turn in range(4_711, 4_711 + TURNS):
        monkeypatch.setenv(VARIABLE, str(turn))
        chosen = [name for name in NAMES if is_in_turn(name)]
        assert len(NAMES) // TURNS // 2 < len(chosen) < 2 * len(NAMES) // TURNS
        ran += chosen

    assert sorted(ran) == sorted(NAMES)


@pytest.mark.parametrize("turn", ["", None])
def test_without_a_turn_all_of_them_run(monkeypatch: pytest.MonkeyPatch, turn: str | None) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if turn is not None:
        monkeypatch.setenv(VARIABLE, turn)

    assert all(map(is_in_turn, NAMES))
