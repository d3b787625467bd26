"""A page comes back with what was typed in its form, and is otherwise as it was."""

import pytest

from serai.foundation.http.kept_forms.filling import fill_form

PAGE = """<!doctype html>
<html lang="en"><head><title>A &amp; B</title><script src="/x.js" defer></script></head><body>
<!-- kept -->
<form method="post" action="/sign-out"><input type="hidden" name="form_token" value="t1">
<button>Out</button></form>
<form method="post" action="/act?x=1&amp;y=2">
<input type="hidden" name="form_token" value="t2"><input type="hidden" name="number" value="5">
<input name="reason" value="old &quot;one&quot;"><input type="password" name="old" value="">
<input type="checkbox" name="law" value="a" checked><input type="checkbox" name="law" value="b">
<input type="radio" name="how" value="x"><input type="radio" name="how" value="y" checked>
<select name="kind"><option value="">-</option><option value="hold" selected>Hold</option>
<option value="release">R</option></select>
<textarea name="words" rows="2">before &lt;b&gt;</textarea>
<svg viewBox="0 0 10 10"><rect x="0"/></svg><button name="go" value="1">Go</button></form>
</body></html>"""
TYPED = [
    ("form_token", "stale"), ("number", "5"), ("reason", 'say "no" <script>'), ("law", "b"), ("how", "x"),
    ("kind", "release"), ("words", "\nfirst\n</textarea><b>"), ("go", "1"),
]  # fmt: skip


def test_each_kind_of_field_is_filled_and_nothing_else_changes() -> None:
    filled = fill_form(PAGE, "/act?x=1&y=2", TYPED)

    assert filled is not None
    assert 'name="reason" value="say &quot;no&quot; &lt;script&gt;"' in filled
    assert '<input type="checkbox" name="law" value="a">' in filled
    assert '<input type="checkbox" name="law" value="b" checked>' in filled
    assert '<input type="radio" name="how" value="x" checked>' in filled
    assert '<input type="radio" name="how" value="y">' in filled
    assert '<option value="hold">Hold</option>\n<option value="release" selected>R</option>' in filled
    assert '<textarea name="words" rows="2">\n\nfirst\n&lt;/textarea&gt;&lt;b&gt;</textarea>' in filled
    assert '<input type="password" name="old" value="">' in filled
    assert 'name="form_token" value="t2"' in filled
    assert "stale" not in filled
    for same in (
        "<!doctype html>",
        "<!-- kept -->",
        "A &amp; B",
        '<svg viewBox="0 0 10 10"><rect x="0"/></svg>',
    ):
        assert same in filled
    assert fill_form(filled, "/act?x=1&y=2", TYPED) == filled


@pytest.mark.parametrize(
    ("action", "fields"),
    [("/other", TYPED), ("/act?x=1&y=2", [*TYPED, ("more", "x")]), ("/act", TYPED), ("", TYPED)],
)
def test_a_form_that_is_not_there_or_lacks_a_field_is_not_filled(
    action: str, fields: list[tuple[str, str]]
) -> None:
    assert fill_form(PAGE, action, fields) is None


def test_of_several_forms_to_one_address_that_with_the_same_hidden_fields_is_filled() -> None:
    hidden = '<input type="hidden" name="role" value="{0}">'
    one = f'<form method="post" action="/r">{hidden}<input name="w" value=""></form>'
    page = one.format("a") + one.format("b")

    filled = fill_form(page, "/r", [("role", "b"), ("w", "typed")])

    assert filled == one.format("a") + one.format("b").replace('name="w" value=""', 'name="w" value="typed"')
