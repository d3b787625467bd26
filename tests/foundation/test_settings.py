"""Settings: one file, environment variables, and plain words when something is wrong."""

from pathlib import Path

import pytest

from serai.foundation.settings import Settings
from serai.foundation.settings_reading import list_settings, read_settings
from serai.model.errors import SeraiError


def test_without_file_and_environment_all_is_default(tmp_path: Path) -> None:
    settings = read_settings({"PATH": "/bin"}, tmp_path)

    assert settings.batch == Settings().batch
    assert settings.data.folder == str(tmp_path / ".serai")
    assert {line.source for line in list_settings(settings)} == {"default"}


def test_environment_overrules_the_file_and_each_source_is_named(tmp_path: Path) -> None:
    file = tmp_path / "serai.toml"
    file.write_text('[server]\nport = 9000\n[administration]\ncode = "XA"\nis_test = false\n')

    settings = read_settings({"SERAI_SERVER_PORT": "9001", "SERAI_ADMINISTRATION_NAME": "Customs"}, tmp_path)

    assert (settings.server.port, settings.administration.code, settings.administration.is_test) == (
        9001,
        "XA",
        False,
    )
    sources = {line.name: line.source for line in list_settings(settings)}
    assert sources["server.port"] == "SERAI_SERVER_PORT"
    assert sources["administration.code"] == str(file)
    assert sources["administration.name"] == "SERAI_ADMINISTRATION_NAME"
    assert sources["batch.max_wait_ms"] == "default"


def test_a_proxy_that_is_no_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SeraiError, match=r"Not an address or network: proxy\.local"):
        read_settings({"SERAI_SERVER_TRUSTED_PROXIES": "127.0.0.1 proxy.local"}, tmp_path)


def test_a_relative_data_folder_counts_from_the_file_that_says_it(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/node.toml").write_text('[data]\nfolder = "store"\n')

    named = read_settings({"SERAI_CONFIG": "etc/node.toml"}, tmp_path)
    overruled = read_settings({"SERAI_CONFIG": "etc/node.toml", "SERAI_DATA_FOLDER": "here"}, tmp_path)

    assert named.data.folder == str(tmp_path / "etc/store")
    assert overruled.data.folder == str(tmp_path / "here")


@pytest.mark.parametrize(
    ("text", "key"),
    [("[server]\nprot = 1\n", "server.prot"), ("[sever]\nport = 1\n", "sever"), ("port = 1\n", "port")],
    ids=["name", "section", "top"],
)
def test_unknown_key_in_the_file_is_an_error_that_names_key_and_file(
    tmp_path: Path, text: str, key: str
) -> None:
    (tmp_path / "serai.toml").write_text(text)

    with pytest.raises(SeraiError) as caught:
        read_settings({}, tmp_path)

    assert caught.value.code == "unknown-setting"
    assert f"setting {key} " in caught.value.message
    assert str(tmp_path / "serai.toml") in caught.value.message


def test_unknown_environment_variable_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(SeraiError) as caught:
        read_settings({"SERAI_SERVER_PROT": "1"}, tmp_path)

    assert caught.value.code == "unknown-setting"
    assert "SERAI_SERVER_PORT" in caught.value.next_step


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({}, '[server]\nport = "9000"\n'),
        ({}, "[server]\nport = 70000\n"),
        ({}, "[batch]\nmax_rows_count = 0\n"),
        ({}, '[administration]\ntime_zone = "Mars/Olympus"\n'),
        ({"SERAI_SERVER_PORT": "many"}, ""),
        ({"SERAI_DATABASE_DSN": "host = = x"}, ""),
    ],
    ids=["text for a number", "too high", "too low", "time zone", "variable", "connection string"],
)
def test_a_value_that_cannot_be_is_an_error_that_names_it(
    tmp_path: Path, environment: dict[str, str], text: str
) -> None:
    (tmp_path / "serai.toml").write_text(text)

    with pytest.raises(SeraiError) as caught:
        read_settings(environment, tmp_path)

    assert caught.value.code == "wrong-setting"


@pytest.mark.parametrize("content", [b"[server\n", b"\xff\xfe"], ids=["no TOML", "no UTF-8"])
def test_an_unreadable_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "serai.toml").write_bytes(content)

    with pytest.raises(SeraiError, match="settings-file-unreadable"):
        read_settings({}, tmp_path)


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SeraiError, match="settings-file-missing"):
        read_settings({"SERAI_CONFIG": "nowhere.toml"}, tmp_path)


@pytest.mark.parametrize("dsn", ["host=db user=serai password=geheim", "postgresql://serai:geheim@db/serai"])
def test_the_list_masks_the_password(tmp_path: Path, dsn: str) -> None:
    lines = {line.name: line for line in list_settings(read_settings({"SERAI_DATABASE_DSN": dsn}, tmp_path))}

    assert "geheim" not in str(lines)
    assert "host=db" in lines["database.dsn"].value


UNITS = ("_ms", "_bytes", "_minutes", "_hours", "_percent", "_second", "_minute", "_days", "_ppm")


def test_every_setting_has_type_meaning_and_a_unit_where_it_counts() -> None:
    for line in list_settings(Settings()):
        assert line.type in {"str", "int", "bool"}, line
        assert line.meaning.endswith("."), line
        assert bool(line.unit) == line.name.endswith(UNITS), line
