"""Decides which words a vendor may write into letters: a small, locked-down part of Liquid that cannot reach code or hang.

A wording is text with names in it, such as `Hello {{ first_name }}`. Stock python-liquid can be made to hang: its lexer
takes quadratic time on runs of openers, before any of its limits applies. So `check_shape` looks first, in linear time,
and only what it lets through is parsed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from liquid import BoundTemplate, Environment, StrictUndefined
from liquid.exceptions import LiquidError

from goodterms.values.refusal import Refused

TAGS = frozenset({
    "if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "for", "endfor", "break", "continue",
    "comment", "endcomment", "echo",
})  # fmt: skip
FILTERS = ("escape", "upcase", "downcase", "capitalize", "strip", "truncate", "default", "size", "first", "last",
           "newline_to_br", "strip_newlines")  # fmt: skip
BYTES_MAX = 20_000
TAGS_MAX = 400
TAG_LENGTH_MAX = 300
LOOPS_MAX = 10
NESTING_MAX = 3
_OPENS = frozenset({"if", "unless", "case", "for", "comment"})
_MARK = re.compile(r"\{\{|\{%|\}\}|%\}")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_TAG_NAME = re.compile(r"-?\s*([a-z_]*)")
_HTML = {"b", "strong", "i", "em", "br", "p", "ul", "ol", "li"}  # no links: those come from the frame

Context = Mapping[str, str | bool | Sequence[Mapping[str, str | bool]]]


@dataclass(frozen=True)
class Kind:
    """A kind of message: the names its wording may use are the keys of its samples, which must all render. `of`: what a refusal
    calls it."""

    name: str
    samples: tuple[Context, ...]
    of: str = "A letter"

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.samples[0])


def check(template: str, kind: Kind) -> None:
    """Refuse, in the writer's words, what may not be saved as a wording of this kind."""
    parsed = _parsed(template, html=False)
    found = parsed.analyze(include_partials=False)
    unknown = sorted(set(found.globals) - kind.names)
    if unknown:
        known = ", ".join(sorted(kind.names))
        raise _refused(f"There is no {unknown[0]!r} in this message. You can use: {known}.")
    for name in found.filters:
        if name not in FILTERS:
            raise _refused(f"There is no {name!r} to change a name with. You can use: {', '.join(FILTERS)}.")
    for sample in kind.samples:
        for html in (False, True):
            if not render(template, sample, html=html).strip():
                raise _refused("With some invoices nothing would be left of this text.")


def render(template: str, context: Context, html: bool) -> str:
    """The words for one message. As HTML names are escaped and only plain marks such as <b> stay, never a link.

    Refuses what `check` would; then the message is held and a person told, never sent in half.
    """
    _check_plain(context)
    parsed = _parsed(template, html)
    try:
        words = str(parsed.render(context))
    except LiquidError as error:
        raise _refused(f"This text cannot be written out: {_reason(error)}.") from error
    if not html:
        return words
    from nh3 import clean  # here, since it takes two megabytes, and few have words of their own

    return clean(words, tags=_HTML, attributes={})


def _check_plain(context: Mapping[str, object]) -> None:
    """Raise TypeError for anything but words: `{{ obj }}` prints str(obj), and with a Decimal Liquid computes zero."""
    for name, value in context.items():
        if isinstance(value, (list, tuple)):
            for row in value:
                _check_plain(row)
        elif not isinstance(value, (str, bool)):
            raise TypeError(f"{name} is {type(value).__name__}: a wording gets words that are already formatted")


def check_shape(template: str) -> None:
    """Refuse what the lexer could choke on; one pass, linear in the length."""
    if len(template) > BYTES_MAX or len(template.encode("utf-8", "surrogatepass")) > BYTES_MAX:
        raise _refused(f"This text is longer than {BYTES_MAX // 1000} kB.")
    tags = loops = depth = 0
    for body, is_statement in _tags_in(template):
        tags += 1
        if tags > TAGS_MAX:
            raise _refused(f"This text has more than {TAGS_MAX} names and instructions.")
        if ".." in _QUOTED.sub("", body):
            raise _refused("Ranges such as (1..9) cannot be used here.")
        if is_statement:
            continue
        name = _allowed_tag(body)
        loops += name == "for"
        depth += (name in _OPENS) - name.startswith("end")
        if loops > LOOPS_MAX:
            raise _refused(f"This text has more than {LOOPS_MAX} loops.")
        if depth > NESTING_MAX:
            raise _refused(f"This text nests its instructions more than {NESTING_MAX} deep.")


def _tags_in(template: str) -> list[tuple[str, bool]]:
    """The inside of each {{ }} and {% %}, and whether it is the former; each is closed before the next one opens."""
    found = []
    opened: re.Match[str] | None = None
    for mark in _MARK.finditer(template):
        if opened is None:
            if mark[0] in ("{{", "{%"):
                opened = mark
            continue
        closer = "}}" if opened[0] == "{{" else "%}"
        if mark[0] != closer or mark.start() - opened.end() > TAG_LENGTH_MAX:
            raise _refused(_unclosed(template, opened))
        found.append((template[opened.end() : mark.start()], closer == "}}"))
        opened = None
    if opened:
        raise _refused(_unclosed(template, opened))
    return found


def _unclosed(template: str, opened: re.Match[str]) -> str:
    line = template.count("\n", 0, opened.start()) + 1
    return f"In line {line} a {opened[0]} is not closed, or what it holds is longer than {TAG_LENGTH_MAX} characters."


def _allowed_tag(body: str) -> str:
    matched = _TAG_NAME.match(body)
    name = matched[1] if matched else ""
    if name not in TAGS:
        shown = body.strip(" -")[:20]
        raise _refused(f"{{% {shown} %}} cannot be used here; if, unless, case and for can.")
    return name


class _Locked(Environment):
    """Liquid with nothing in it but TAGS and FILTERS."""

    block_nesting_limit = 10
    context_depth_limit = 12
    loop_iteration_limit = 500
    local_namespace_limit = 10_000
    output_stream_limit = 100_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=False)
        keep = TAGS | {"content", "output", "illegal"}  # the last three: text, {{ }} and what is neither
        self.tags = {name: tag for name, tag in self.tags.items() if name in keep}
        self.filters = {name: self.filters[name] for name in FILTERS}


_ENVIRONMENTS = {html: _Locked(undefined=StrictUndefined, autoescape=html) for html in (False, True)}


@lru_cache(maxsize=2_000)
def _parsed(template: str, html: bool) -> BoundTemplate:
    check_shape(template)
    try:
        return _ENVIRONMENTS[html].from_string(template)
    except LiquidError as error:
        raise _refused(f"This text cannot be read: {_reason(error)}.") from error


def _reason(error: LiquidError) -> str:
    """What Liquid says, without its drawing of the place."""
    return str(error.message).rstrip(".")


def _refused(sentence: str) -> Refused:
    return Refused(sentence, code="wording")
