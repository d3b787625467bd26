"""What an operator is given to deploy is taken by the programs that read it."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from serai.foundation.settings_reading import read_settings
from tests.deploy.programs import DEPLOY, program, run

EXAMPLE = (DEPLOY / "example.env").read_text()
FILLED_IN: dict[str, str] = {
    name: value or "invented"
    for name, value in re.findall(r"^(SERAI_\w+)=(.*)$", EXAMPLE, flags=re.MULTILINE)
}


def compose_config(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    compose, file = program("docker-compose"), DEPLOY / "compose.yaml"
    return run(compose, "--file", file, "--env-file", "/dev/null", "config", variables=variables)


def test_compose_takes_its_file_with_every_variable_of_the_example() -> None:
    done = compose_config(FILLED_IN)

    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    proxy_address = services["proxy"]["networks"]["front"]["ipv4_address"]
    assert services["serai"]["environment"]["SERAI_SERVER_TRUSTED_PROXIES"] == proxy_address
    server_address = services["serai"]["networks"]["front"]["ipv4_address"]
    assert f"server {server_address}:8000 " in (DEPLOY / "nginx/upstreams.conf").read_text()
    assert services["serai"]["read_only"]
    assert "ports" not in services["serai"], "the proxy alone is reached from outside"
    assert "ports" not in services["database"]


@pytest.mark.parametrize(
    "missing", ["SERAI_DATABASE_PASSWORD", "SERAI_SITE", "SERAI_LOG_ORIGIN", "SERAI_CERTIFICATES"]
)
def test_compose_starts_nothing_without_password_site_and_origin(missing: str) -> None:
    given = {name: value for name, value in FILLED_IN.items() if name != missing}
    done = compose_config(given)

    assert done.returncode != 0
    assert missing in done.stderr


def test_settings_to_begin_with_are_settings_that_exist() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    of_compose = {name: "1" for name in services["serai"]["environment"] if name.startswith("SERAI_")}
    of_compose |= {"SERAI_DATABASE_DSN": "host=database", "SERAI_SERVER_TRUSTED_PROXIES": "172.31.255.10"}

    settings = read_settings({"SERAI_CONFIG": str(DEPLOY / "serai.toml"), **of_compose}, Path("/"))

    assert settings.sign_in.needs_second_factor
    assert settings.data.folder == "/var/lib/serai"


@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").iterdir()), ids=lambda path: path.name)
def test_units_are_well_formed_and_exposed_to_little(unit: Path, tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    for file in unit.parent.iterdir():
        # The programs lie where the image's steps put them, which this machine has not.
        (tmp_path / file.name).write_text(file.read_text().replace("/opt/serai/bin/serai", "/bin/true"))

    verified = run(analyze, "verify", "--man=no", tmp_path / unit.name)

    assert (verified.returncode, verified.stderr) == (0, "")
    if unit.suffix == ".service":
        # Exposure in tenths: below 2.0 systemd says OK, an ordinary unit has 9.6.
        security = run(analyze, "security", "--offline=true", "--threshold=15", "--no-pager", unit)
        assert security.returncode == 0, security.stdout[-300:]
