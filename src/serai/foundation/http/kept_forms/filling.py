"""Fills a form of a page with what was typed into it before: the page stays as it is, tag by tag."""

from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser
from typing import Final

import msgspec

from serai.foundation.access.kept_forms.service import KeptForm
from serai.foundation.http.page_maker import Frame, PageMaker

FORM_TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
_MAIN: Final = '<main class="page" id="main">'
_NOT_FILLED: Final = frozenset({"submit", "button", "image", "reset", "file", "password"})
_CHOSEN: Final = frozenset({"checkbox", "radio"})
Fields = Sequence[tuple[str, str]]
_Attributes = list[tuple[str, str | None]]


class FormNote(msgspec.Struct, frozen=True):
    """What the note on a page says. is_filled: the form on this page; else it is kept on a page of its own.
    had_files: files were chosen, and are not kept."""

    is_filled: bool
    had_files: bool


def fill_page(page: str, kept: KeptForm, pages: PageMaker, frame: Frame) -> str:
    """Return the page with the kept form filled in, and a note that says so; or that it is kept elsewhere."""
    filled = fill_form(page, kept.action, kept.fields)
    note = pages.render("kept_form_note.html", frame, FormNote(filled is not None, kept.had_files))
    return (filled or page).replace(_MAIN, _MAIN + note, 1)


def fill_form(page: str, action: str, fields: Fields) -> str | None:
    """Return the page with the form that is sent to `action` filled; None: it has none that takes them all.

    Of several such forms the one counts whose hidden fields say the same. Tokens are those of the page.
    """
    finder = _Finder(action, fields)
    finder.feed(page)
    finder.close()
    if finder.chosen is None:
        return None
    filler = _Filler(finder.chosen, fields)
    filler.feed(page)
    filler.close()
    return "".join(filler.parts)


class _Form:
    """A form that was found: what it has room for."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.names: set[str] = set()
        self.hidden: set[tuple[str, str]] = set()


class _Finder(HTMLParser):
    def __init__(self, action: str, fields: Fields) -> None:
        super().__init__(convert_charrefs=True)
        self._action = action
        self._fields = [one for one in fields if one[0] != FORM_TOKEN]
        self._count = 0
        self._form: _Form | None = None
        self._found: list[_Form] = []

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        given = dict(attrs)
        if tag == "form":
            is_it = given.get("action") == self._action and (given.get("method") or "").lower() == "post"
            self._form = _Form(self._count) if is_it else None
            self._count += 1
            if self._form is not None:
                self._found.append(self._form)
        elif self._form is not None and tag in {"input", "select", "textarea", "button"}:
            name = given.get("name")
            if name:
                self._form.names.add(name)
                if given.get("type") == "hidden" and name != FORM_TOKEN:
                    self._form.hidden.add((name, given.get("value") or ""))

    def handle_startendtag(self, tag: str, attrs: _Attributes) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    @property
    def chosen(self) -> int | None:
        wanted = {name for name, _ in self._fields}
        fitting = [one for one in self._found if wanted <= one.names]
        if not fitting:
            return None
        return max(fitting, key=lambda one: len(one.hidden & set(self._fields))).number


class _Filler(HTMLParser):
    """Writes the page out as it comes in, but for the fields of one form."""

    def __init__(self, number: int, fields: Fields) -> None:
        super().__init__(convert_charrefs=False)
        self._number, self._left = number, [one for one in fields if one[0] != FORM_TOKEN]
        self._names = {name for name, _ in self._left}
        self._count, self._is_inside = 0, False
        self._select: str | None = None
        self._is_in_textarea = False
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        raw = self.get_starttag_text() or ""
        if tag == "form":
            self._is_inside = self._count == self._number
            self._count += 1
        elif self._is_inside:
            raw = self._filled(tag, dict(attrs), raw)
        self.parts.append(raw)

    def handle_startendtag(self, tag: str, attrs: _Attributes) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._is_in_textarea = False
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._is_in_textarea:
            self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")

    def _filled(self, tag: str, given: dict[str, str | None], raw: str) -> str:
        name = given.get("name") or ""
        if tag == "select":
            self._select = name if name in self._names else None
        elif tag == "option" and self._select is not None:
            return self._chosen("option", given, "selected", self._select)
        elif tag == "textarea" and name in self._names:
            self._is_in_textarea = True
            return f"{raw}\n{escape(self._take(name), quote=False)}"
        elif tag == "input" and name != FORM_TOKEN:
            kind = (given.get("type") or "text").lower()
            if kind in _CHOSEN:
                # What is not sent was not ticked.
                return self._chosen("input", given, "checked", name)
            if kind not in _NOT_FILLED and name in self._names:
                return _tag("input", given | {"value": self._take(name)})
        return raw

    def _chosen(self, tag: str, given: dict[str, str | None], mark: str, name: str) -> str:
        value = given.get("value", "on" if tag == "input" else "") or ""
        plain = {key: one for key, one in given.items() if key != mark}
        is_chosen = (name, value) in self._left
        return _tag(tag, plain | {mark: None} if is_chosen else plain)

    def _take(self, name: str) -> str:
        """Return the next value of a name: two fields may bear it."""
        for place, (one, value) in enumerate(self._left):
            if one == name:
                del self._left[place]
                return value
        return ""


def _tag(tag: str, attributes: dict[str, str | None]) -> str:
    said = "".join(
        f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in attributes.items()
    )
    return f"<{tag}{said}>"
