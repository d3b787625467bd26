"""A row that makes the work fail harms only itself.

The poison is real: a trigger in the database refuses rows of one house document, as a constraint or a bug
below us would, with an error that nobody foresaw. No hook in the product is needed.
"""

import threading
from collections.abc import Iterator

import pytest

from tests.faults.serving import NDJSON, Serving, encoded, ndjson, parcel

POISON = """
CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a row that nobody foresaw'; END $$;
CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON declared_consignment FOR EACH ROW
WHEN (NEW.house_document = 'POISON') EXECUTE FUNCTION refuse_poison();
"""


@pytest.fixture
def poisoned(node: Serving) -> Iterator[Serving]:
    node.execute(POISON)
    yield node
    node.execute("DROP TRIGGER poison ON declared_consignment; DROP FUNCTION refuse_poison()")


@pytest.mark.in_turn
def test_a_poison_row_among_five_thousand_of_twenty_parties_harms_only_itself(poisoned: Serving) -> None:
    parties = [poisoned.add_party(f"Invented Neighbour {n}") for n in range(20)]
    files = [[parcel(f"ROW-{n}-{line}") for line in range(250)] for n in range(20)]
    files[7][123] = parcel("ROW-7-123", house_document="POISON")
    answers: dict[int, list[dict[str, object]]] = {}

    def send(n: int) -> None:
        answers[n] = poisoned.send(ndjson(files[n]), parties[n][1], NDJSON, timeout_s=120).lines()

    threads = [threading.Thread(target=send, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for n in range(20):
        expected = {"decided": 249, "failed": 1} if n == 7 else {"decided": 250}
        assert answers[n][-1] == {"counts": expected, "complete": True}, n
    failed = answers[7][123]
    assert (failed["line"], failed["status"], failed["reference"]) == (124, "failed", "ROW-7-123")
    problem = failed["problem"]
    assert isinstance(problem, dict)
    assert problem["code"] == "internal-error"
    assert "Incident" in problem["sentence"]
    assert "nobody foresaw" not in str(answers), "what happened inside is for the log"
    stored = poisoned.rows(
        "SELECT count(*), count(*) FILTER (WHERE reference = 'ROW-7-123') FROM submission "
        "WHERE reference LIKE 'ROW-%%'"
    )
    assert stored == [(4_999, 0)]


def test_a_poison_alone_is_a_500_with_an_incident_and_can_be_sent_again(node: Serving, key: str) -> None:
    node.execute(POISON)
    try:
        failed = node.send(encoded(parcel("ALONE-1", house_document="POISON")), key)
    finally:
        node.execute("DROP TRIGGER poison ON declared_consignment; DROP FUNCTION refuse_poison()")
    again = node.send(encoded(parcel("ALONE-1", house_document="POISON")), key)

    assert failed.status == 500
    assert "internal-error" in failed.content.decode()
    assert "nobody foresaw" not in failed.content.decode()
    assert again.json()["status"] == "decided"
