"""Decides which sentences are translated: all that payers may read, and all of sign-in.

`python -m tidy.catalogue` gathers them. It needs no gettext: Babel reads the sentences, keeps the translations that there are,
and compiles them. What is new stands in the catalogue with an empty translation, and tidy/test_catalogue.py fails until
somebody has written it.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tidy.source import PACKAGE, ROOT, name

LANGUAGE = "id"
PO = PACKAGE / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
TEMPLATES = ("portal", "stationery", "account", "mfa", "base.html", "429.html", "404.html")
ENGLISH = ("stationery/timeline.html",)  # of the desk alone
SOURCES = (
    "portal", "stationery", "access", "desk/signin", "conversations",
    "payments/selection.py", "payments/actions/checkout.py", "payments/providers/__init__.py",
    "payments/providers/sandbox_bank/actions.py",
    "invoicing/orders.py", "invoicing/forewarnings.py", "invoicing/actions/enclosing.py", "einvoices/supporting.py",
    "parties/rules/names.py", "parties/rules/treatment.py", "parties/actions/payers.py", "parties/actions/invitations.py",
    "parties/actions/introductions.py",
    "relationship/actions/thanks.py", "values/money.py", "values/files.py",
)  # fmt: skip
# Besides gettext and its kin: what a refusal says, and what is marked as said by one.
KEYWORDS: dict[str, Any] = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "gettext_noop": None, "Refused": None, "to_say": None}

Said = str | tuple[str, ...]  # one sentence, or singular and plural


class Words(Catalog):
    """A catalogue without dates: the same words make the same files. Indonesian has one form for any number."""

    num_plurals = 1
    plural_expr = "0"
    mime_headers = [
        ("Project-Id-Version", "Goodterms"),
        ("Language", LANGUAGE),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
        ("Plural-Forms", "nplurals=1; plural=0;"),
    ]


def templates() -> list[Path]:
    """Of the portal and of sign-in."""
    return [path for path in _within(PACKAGE / "templates", TEMPLATES, "*.html") if not path.as_posix().endswith(ENGLISH)]


def sources() -> list[Path]:
    """Python that says something to payers, or to who signs in."""
    return [path for path in _within(PACKAGE, SOURCES, "*.py") if "tests" not in path.parts]


def said() -> dict[Said, list[str]]:
    """Every sentence, with the files that say it."""
    found: dict[Said, list[str]] = {}
    for path in [*templates(), *sources()]:
        for sentence in _said_by(path):
            found.setdefault(sentence, []).append(name(path))
    return found


def kept(path: Path = PO) -> Catalog:
    """The catalogue as it stands in the source."""
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE) if path.suffix == ".po" else read_mo(file)


def gathered() -> Words:
    """Every sentence with the translation that there is; sentences that nobody says any more are gone."""
    before = {message.id: message.string for message in kept()} if PO.exists() else {}
    words = Words(locale=LANGUAGE, header_comment="# What payers and people at work read, in Indonesian.", fuzzy=False)
    for sentence, files in said().items():
        words.add(sentence, before.get(sentence, ""), locations=[(file, 0) for file in sorted(set(files))])
    return words


def sentence_of(message: Message) -> Said:
    return tuple(message.id) if isinstance(message.id, tuple | list) else message.id


def forms(message: Message) -> tuple[str, ...]:
    """Its translation, in as many forms as there are; one that is empty is missing."""
    return tuple(message.string) if isinstance(message.string, tuple | list) else (str(message.string or ""),)


def write(words: Catalog) -> None:
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, words, width=120, include_lineno=False)
    write_mo(mo, words)
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po.getvalue())
    MO.write_bytes(mo.getvalue())


def _within(root: Path, places: tuple[str, ...], pattern: str) -> Iterator[Path]:
    for place in places:
        path = root / place
        yield from sorted(path.rglob(pattern)) if path.is_dir() else [path]


def _said_by(path: Path) -> Iterator[Said]:
    text = path.read_text()
    source = templatize(text) if path.suffix == ".html" else text
    extracted: Iterator[Any] = extract_python(io.BytesIO(source.encode()), KEYWORDS, (), {})
    for _line, keyword, found, _comments in extracted:
        if keyword == "ngettext":
            yield (found[0], found[1])
        elif (first := found[0] if isinstance(found, tuple) else found) and first.strip():
            yield first


def main() -> None:
    write(words := gathered())
    missing = [message.id for message in words if message.id and not all(forms(message))]
    print(f"{PO.relative_to(ROOT)}: {len(words)} sentences, {len(missing)} without a translation")


if __name__ == "__main__":
    main()
