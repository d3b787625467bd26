"""Makes pages: Jinja with strict names, the layout's frame, GOV.UK Frontend's macros, our filters."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import jinja2
import msgspec
from markupsafe import Markup

from serai.foundation.access.actor import Actor
from serai.foundation.http import wording
from serai.foundation.http.charts import bar_lengths, share_segments
from serai.foundation.http.code_words import code_word
from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.kept_pages import KeptPages, PageThread
from serai.foundation.http.site import Site
from serai.foundation.http.stylesheet import (
    StaticFile,
    read_mark,
    read_reference_viewer,
    read_script,
    read_stylesheet,
)
from serai.foundation.locales import amount_text, day_text, decimal_text, join_text, short_day_text
from serai.model.languages import LANGUAGES, direction_of

TEMPLATES: Final = Path(__file__).with_name("templates")
GOVUK: Final = "govuk_frontend_jinja"
EXTENSIONS: Final[Sequence[str]] = ("jinja2.ext.i18n", "jinja2.ext.do")


class Frame(msgspec.Struct, frozen=True):
    """What every page knows about its request; `form_token` goes into each form as field `form_token`.

    A page that is kept for all strangers has neither a form token nor a request id. address: path and query,
    to come back to. signed_in_until: when the session ends if nothing is done; None: nobody is signed in.
    """

    path: str
    address: str
    actor: Actor
    language: str
    form_token: str
    request_id: str
    at: datetime
    signed_in_until: datetime | None = None

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return direction_of(self.language)


class PageMaker:
    """Renders templates.

    room_templates: folder of templates by room; `{"follow": Path(...)}` makes `follow/case.html` known.
    A misspelt name in a template is an error, not an empty place.
    """

    def __init__(self, site: Site, room_templates: Mapping[str, Path]) -> None:
        self.site = site
        self.thread = PageThread()
        self.kept = KeptPages(self.thread)
        self.stylesheet = read_stylesheet()
        self.mark = read_mark()
        self.script = read_script("console")
        self.passkey_script = read_script("passkey")
        self.session_script = read_script("session")
        self.declaration_script = read_script("declaration")
        rooms = {room: jinja2.FileSystemLoader(folder) for room, folder in room_templates.items()}
        self._loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(TEMPLATES), jinja2.PrefixLoader(rooms)])
        self._environments: dict[str, jinja2.Environment] = {}
        # GOV.UK's macros count on absent parameters being nothing, so they have their own environment.
        self._govuk_environment = jinja2.Environment(
            loader=jinja2.PrefixLoader({GOVUK: jinja2.PackageLoader(GOVUK)}), autoescape=True
        )

    @property
    def static_files(self) -> tuple[StaticFile, ...]:
        """All files that pages refer to."""
        return (
            self.stylesheet,
            self.mark,
            self.script,
            self.passkey_script,
            self.session_script,
            self.declaration_script,
            read_reference_viewer(),
        )

    def render(self, template: str, frame: Frame, data: object, **more: object) -> str:
        """Return the page; the template sees `data`, `frame`, `site` and what is in `more`."""
        return (
            self._environment_in(frame.language).get_template(template).render(data=data, frame=frame, **more)
        )

    def _environment_in(self, language: str) -> jinja2.Environment:
        """Return the environment of one language: its words and filters are fixed, so that a template that
        is kept never says another's."""
        known = self._environments.get(language)
        if known is None:
            known = self._environments[language] = self._build(language)
        return known

    def _build(self, language: str) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=self._loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=EXTENSIONS,
        )
        environment.policies["ext.i18n.trimmed"] = True
        environment.install_gettext_translations(interface_words(language), newstyle=True)  # type: ignore[attr-defined]
        environment.globals |= {
            "govuk": partial(self._govuk, interface_words(language).gettext("Error")),
            "site": self.site,
            "stylesheet": self.stylesheet.path,
            "icon": self.mark.path,
            "script": self.script.path,
            "passkey_script": self.passkey_script.path,
            "session_script": self.session_script.path,
            "declaration_script": self.declaration_script.path,
            "bar_lengths": bar_lengths,
            "share_segments": share_segments,
            "languages": LANGUAGES,
        }
        in_language: dict[str, Callable[..., str]] = {
            "money": wording.money_text,
            "amount": wording.amount_text,
            "count": wording.count_text,
            "share": wording.share_text,
            "rate": wording.rate_text,
            "time_left": wording.time_left_text,
            "duration": wording.duration_text,
            "local_time": wording.local_time_text,
            "day_clock": wording.day_clock_text,
            "code_word": code_word,
            "grouped": amount_text,
            "decimal": decimal_text,
            "long_day": day_text,
            "short_day": short_day_text,
            "listed": join_text,
        }
        environment.filters |= {name: partial(say, language=language) for name, say in in_language.items()}
        environment.filters |= {
            "clock": wording.clock_text,
            "place": wording.place_text,
            "marked_code": wording.marked_code,
        }
        return environment

    def _govuk(self, error_word: str, component: str, params: Mapping[str, Any]) -> Markup:
        """Render a GOV.UK component: `govuk("error-summary", {...})`, parameters as they document them.
        error_word: read out before what is wrong with a field."""
        if params.get("errorMessage"):
            message = {"visuallyHiddenText": error_word, **params["errorMessage"]}
            params = {**params, "errorMessage": message}
        module = self._govuk_environment.get_template(f"{GOVUK}/components/{component}/macro.html").module
        name = "govuk" + "".join(word.capitalize() for word in component.split("-"))
        return Markup(getattr(module, name)(params))  # noqa: S704 - the macro has escaped its parameters
