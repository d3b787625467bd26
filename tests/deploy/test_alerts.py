"""Alert rules are taken by Prometheus, ring when they should, and ask for figures that there are."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.deploy.programs import DEPLOY, program, run
from tests.journey.cases.world import World, file, parcel, running_world

RULES = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        yield running


def test_prometheus_takes_rules_and_settings_and_they_ring_when_they_should() -> None:
    promtool = program("promtool")

    for words in (("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")):
        done = run(promtool, *words, folder=DEPLOY)
        assert done.returncode == 0, done.stdout + done.stderr
    # Not whether the file of the key is there: it is the operator's.
    settings = run(promtool, "check", "config", "--syntax-only", "prometheus.yml", folder=DEPLOY)
    assert settings.returncode == 0, settings.stdout + settings.stderr


@pytest.mark.in_turn
def test_rules_ask_for_figures_that_a_scrape_has(world: World) -> None:
    with world.client("post") as client:
        file(client, parcel("ALERT-1"))
    with world.client("officer") as client:
        figures = set(re.findall(r"^(serai_\w+)", client.get("/metrics").text, re.MULTILINE))
        pools = set(re.findall(r'serai_pool\{figure="(\w+)"', client.get("/metrics").text))

    asked = {name for rule in RULES for name in re.findall(r"serai_[a-z_]+", rule["expr"])}
    assert asked - figures == set()
    assert {name for rule in RULES for name in re.findall(r'figure="(\w+)"', rule["expr"])} <= pools


def test_each_rule_says_what_is_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "next_step"}
