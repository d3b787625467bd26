"""Sentences with parameters that keep their template, so that they can be said in another language.

A sentence is one whole: languages put its words in other orders, and none is made of parts of sentences.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Self

Parameter = str | int | float | dt.date
"""What fills a sentence: text that is no language's (a code, a name), a number, a day or an instant."""


class MessageText(str):
    """A sentence in English, with the template and the parameters that it was made of.

    template: `{name}` stands for a parameter. many: the template of another number than one, where the form
    depends on the parameter `count`.
    """

    template: str
    many: str | None
    parameters: Mapping[str, Parameter]

    def __new__(cls, template: str, /, **parameters: Parameter) -> Self:
        """Fill a template: `MessageText("There is no role '{role}'.", role=role)`."""
        return cls._made(template, None, template, parameters)

    @classmethod
    def counted(cls, one: str, many: str, /, *, count: int, **parameters: Parameter) -> Self:
        """Fill the template of one, or of many."""
        return cls._made(one, many, one if count == 1 else many, {"count": count, **parameters})

    @classmethod
    def _made(cls, one: str, many: str | None, chosen: str, parameters: Mapping[str, Parameter]) -> Self:
        shown = {name: _in_english(value) for name, value in parameters.items()}
        made = super().__new__(cls, chosen.format(**shown))
        made.template, made.many, made.parameters = one, many, parameters
        return made


def _in_english(value: Parameter) -> str:
    match value:
        case MessageText():
            return str(value)
        case dt.datetime():
            return f"{value:%d %B %Y, %H:%M}"
        case dt.date():
            return f"{value:%d %B %Y}"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:g}"
        case _:
            return value
