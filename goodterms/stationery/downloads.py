"""Decides how files come in and go out: read no further than they may be large, served as downloads only, tables that no
spreadsheet takes for formulas."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from goodterms.conversations.rules import check_count
from goodterms.values.files import File, check_size

# Whatever is in it, a browser saves it: no page of ours is its origin, nothing in it runs, no type is guessed.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


class Kept(Protocol):
    """A file as it is kept: what came with a message, or goes with an invoice."""

    name: Any
    media_type: Any
    content: Any


def uploaded(request: HttpRequest, field: str = "files", check: Callable[[int], None] = check_count) -> list[File]:
    """The files of a form, in their order; refuses too many (`check`) and too large ones before their bytes are read."""
    given = [file for file in request.FILES.getlist(field) if file.name]
    check(len(given))
    for file in given:
        check_size(str(file.name), file.size or 0)
    return [File(str(file.name), file.read()) for file in given]


def download(file: Kept) -> HttpResponse:
    """The bytes of a file, under its name. Who may have it was asked before: `objects.seen_by`."""
    kind = str(file.media_type)
    answer = HttpResponse(
        bytes(file.content),
        content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        headers=HEADERS,
    )
    answer["Content-Disposition"] = content_disposition_header(True, str(file.name)) or "attachment"
    return answer


def printed(name: str, content: bytes, kind: str = "application/pdf") -> HttpResponse:
    """A PDF, or the XML that goes beside it, under its name."""
    answer = HttpResponse(content, content_type=kind, headers=HEADERS)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


def table(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A CSV file. A cell that a spreadsheet would work out, such as a name that is a formula, gets a quote before it."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8", headers=HEADERS)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    writer = csv.writer(answer)
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return answer


def streamed(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """The same line by line, for tables of any length. `rows` opens its own transaction: the view's is over by then."""
    answer = StreamingHttpResponse(_lines(heads, rows), content_type="text/csv; charset=utf-8", headers=HEADERS)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


class _Line:
    """Where a csv writer writes to, when what it wrote is wanted back."""

    def write(self, text: str) -> str:
        return text


def _lines(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(heads)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    is_formula = isinstance(value, str) and value.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value
