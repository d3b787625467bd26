"""Sentences of errors are found where they are made, through functions that hand them on; none in parts."""

from pathlib import Path

from tools.languages.sentences import find_sentences

SOURCE = {
    "raising.py": """
def ask(name, is_one):
    raise SeraiError("a", "Nothing." if is_one else "Much.", MessageText("Ask {name}.", name=name))
def _faulty(code, detail):
    return InputFaultyError((InputFault("", code, detail),), detail, "Correct it.")
def _again(detail):
    raise _faulty("again", detail)
def many(count):
    _again("Handed on twice.")
    raise RetryLaterError("b", MessageText.counted("{count} fault.", "{count} faults.", count=count), "Wait.")
""",
    "other.py": """
def _faulty(pointer, where):
    return pointer
_faulty("not a sentence", "neither")
class FullError(SeraiError):
    def __init__(self, size):
        super().__init__("full", f"{size} bytes are too many.", "Send less.")
""",
    "operators/start.py": 'raise SeraiError("c", "The disk is gone.", "Look.")',
}


def test_sentences_are_found_wherever_an_error_gets_them(tmp_path: Path) -> None:
    for name, code in SOURCE.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(code)

    found = find_sentences(["operators/"], tmp_path)

    assert {(one.one, one.many) for one in found.sentences} == {
        ("Nothing.", None),
        ("Much.", None),
        ("Ask {name}.", None),
        ("Correct it.", None),
        ("Handed on twice.", None),
        ("{count} fault.", "{count} faults."),
        ("Wait.", None),
        ("Send less.", None),
    }
    assert found.faults == ["other.py:7: a sentence of parts; use MessageText"]
