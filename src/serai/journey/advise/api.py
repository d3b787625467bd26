"""HTTP for filers: declarations, orders, payments and transport documents, one or many, in every form."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol, cast

import msgspec
from litestar import Request, Response, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse

from serai.formats.csv_rows import CsvConsignment, read_csv
from serai.formats.decoded import KINDS
from serai.formats.registry import FORMATS, Format, find_by_content_type
from serai.formats.wco_dec import DecMessage, decode_dec
from serai.foundation.access.actor import Actor
from serai.foundation.http.body import Body, open_body
from serai.foundation.http.line_stream import LineStream
from serai.foundation.http.lines import Lines, read_lines
from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.http.respond import actor_of
from serai.foundation.settings import Settings
from serai.model.errors import SeraiError
from serai.model.findings import Finding
