"""Keys: made once, never in silence again, nobody else's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg import AsyncConnection

from serai.foundation.keys import KeyFolder
from serai.foundation.signing_keys import open_signing_key
from serai.model.errors import SeraiError

AT = datetime(2026, 7, 1, tzinfo=UTC)


def test_signing_key_is_made_once_and_signs(tmp_path: Path) -> None:
    key = KeyFolder(tmp_path / "keys").signing_key([])
    again = KeyFolder(tmp_path / "keys").signing_key([key.public_key])
    signature = again.sign(b"a checkpoint")

    assert again.public_key == key.public_key
    public = Ed25519PublicKey.from_public_bytes(key.public_key)
    public.verify(signature, b"a checkpoint")
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"A checkpoint")


def test_folder_and_files_are_the_owners_only(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    keys = KeyFolder(folder)
    keys.signing_key([])
    keys.current_secret("session")

    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600, 0o600]


@pytest.mark.parametrize(
    "damage",
    [Path.unlink, lambda path: path.write_bytes(b"no key"), lambda path: path.write_bytes(b"")],
    ids=["missing", "spoiled", "empty"],
)
def test_a_lost_signing_key_is_an_error_and_never_replaced(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    keys = KeyFolder(tmp_path / "keys")
    known = keys.signing_key([]).public_key
    damage(tmp_path / "keys/signing.pem")
    before = sorted(path.read_bytes() for path in (tmp_path / "keys").iterdir())

    with pytest.raises(SeraiError, match="lost-signing-key"):
        keys.signing_key([known])

    assert sorted(path.read_bytes() for path in (tmp_path / "keys").iterdir()) == before


def test_another_signing_key_than_the_known_one_is_an_error(tmp_path: Path) -> None:
    known = KeyFolder(tmp_path / "one").signing_key([]).public_key
    other = KeyFolder(tmp_path / "other")
    other.signing_key([])

    with pytest.raises(SeraiError, match="lost-signing-key"):
        other.signing_key([known])


def test_keys_that_others_can_reach_are_refused(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path / "keys")
    keys.signing_key([])
    (tmp_path / "keys/signing.pem").chmod(0o640)

    with pytest.raises(SeraiError, match="key-folder-open"):
        keys.signing_key([])

    (tmp_path / "keys").chmod(0o750)
    with pytest.raises(SeraiError, match="key-folder-open"):
        KeyFolder(tmp_path / "keys")


def test_secrets_have_names_and_versions_that_stay(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path / "keys")
    first = keys.current_secret("pseudonym-quota")
    second = keys.add_secret_version("pseudonym-quota")
    other = keys.current_secret("pseudonym-split")

    again = KeyFolder(tmp_path / "keys")
    assert again.current_secret("pseudonym-quota") == second
    assert again.secret("pseudonym-quota", 1) == first
    assert (second.version, len(second.value)) == (2, 32)
    assert len({first.value, second.value, other.value}) == 3
    assert first.value.hex() not in repr(first)
    assert repr(first.value) not in repr(first)


def test_a_lost_secret_is_an_error(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path / "keys")

    with pytest.raises(SeraiError, match="lost-secret"):
        keys.current_secret("session", version_known=1)
    with pytest.raises(SeraiError, match="lost-secret"):
        keys.secret("session", 1)


def test_of_many_first_starters_all_get_the_same_keys(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path / "keys")

    with ThreadPoolExecutor(8) as pool:
        public = set(pool.map(lambda _: keys.signing_key([]).public_key, range(16)))
        secret = set(pool.map(lambda _: keys.current_secret("session").value, range(16)))

    assert (len(public), len(secret)) == (1, 1)
    assert len(list((tmp_path / "keys").iterdir())) == 2, "no half-written file stays"


async def test_the_database_remembers_the_public_part(database: str, tmp_path: Path) -> None:
    async with await AsyncConnection.connect(database) as connection:
        key = await open_signing_key(connection, KeyFolder(tmp_path / "keys"), "a/log", AT)
        again = await open_signing_key(connection, KeyFolder(tmp_path / "keys"), "a/log", AT)

        with pytest.raises(SeraiError, match="lost-signing-key"):
            await open_signing_key(connection, KeyFolder(tmp_path / "new"), "a/log", AT)

    assert again.public_key == key.public_key
    assert not (tmp_path / "new/signing.pem").exists()


async def test_a_database_keeps_the_name_of_its_log(make_database: Callable[[], str], tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path / "keys")
    async with await AsyncConnection.connect(make_database()) as connection:
        await open_signing_key(connection, keys, "a/log", AT)

        with pytest.raises(SeraiError, match="log-origin-changed") as refused:
            await open_signing_key(connection, keys, "b/log", AT)
        kept = await open_signing_key(connection, keys, "a/log", AT)

    assert "log.origin to a/log" in refused.value.next_step
    assert kept.public_key == keys.signing_key([]).public_key
