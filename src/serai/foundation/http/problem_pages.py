"""A page for each problem code: where the `type` of a problem leads."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from serai.foundation.http.problem_texts import text_in
from serai.foundation.http.problems import PROBLEMS
from serai.foundation.http.respond import language_of, respond
from serai.model.errors import SeraiError

_OPT = {"act": "public.read"}


class ProblemPage(msgspec.Struct, frozen=True):
    """One code, its status and its title."""

    code: str
    status: int
    title: str


class ProblemList(msgspec.Struct, frozen=True):
    """All codes."""

    problems: list[ProblemPage]


@get("/problems", opt=_OPT, include_in_schema=False)
async def list_problems(request: Request[Any, Any, Any]) -> Response[ProblemList]:
    """List every problem code with its HTTP status and title."""
    pages = [
        ProblemPage(code, kind.status, text_in(kind.title, language_of(request)))
        for code, kind in sorted(PROBLEMS.items())
    ]
    return respond(request, ProblemList(pages), "problem_codes.html")


@get("/problems/{code:str}", opt=_OPT, include_in_schema=False)
async def show_problem(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[ProblemPage]:
    """Say what a problem code means."""
    kind = PROBLEMS.get(code)
    if kind is None:
        raise SeraiError("not-found", "There is no such problem code.", "See /problems for all of them.")
    return respond(
        request,
        ProblemPage(code, kind.status, text_in(kind.title, language_of(request))),
        "problem_code.html",
    )
