"""Decides how a letter looks: the frame around its words, in HTML that old mail programs can show, and in plain text.

Tables, inline styles, at most 600 px, no images, so that nothing is loaded and nobody is watched. Every value given to
these pieces is escaped here, once; `link` and `Markup` results are the only HTML that passes through.
"""

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import NamedTuple, NewType

Markup = NewType("Markup", str)  # HTML made here, whose values are escaped


class Letter(NamedTuple):
    subject: str
    text: str
    html: str


_SANS = "font-family:'Goodterms Sans','Segoe UI',Helvetica,Arial,sans-serif"
_SERIF = "font-family:Newsreader,'Iowan Old Style',Georgia,'Times New Roman',serif"
_BLUE, _INK, _SECOND, _LATE, _RULE = "#1d43b4", "#1d1b17", "#545045", "#96380f", "#ddd5c4"

_PAGE = (
    '<!doctype html><html lang="%(language)s" dir="%(dir)s"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light">'
    "<title>%(title)s</title></head>"
    '<body style="margin:0;padding:0;background:#f8f5ef">'
    '<table role="presentation" width="100%%" cellpadding="0" cellspacing="0" border="0"><tr>'
    '<td align="center" style="padding:16px 8px">'
    '<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" dir="%(dir)s" '
    f'style="width:100%%;max-width:600px;background:#fffdf8;border:1px solid {_RULE};text-align:%(start)s">'
    '<tr><td style="padding:32px 6%% 36px">'
    '<table role="presentation" width="100%%" cellpadding="0" cellspacing="0" border="0">'
    f'<tr><td style="{_SERIF};font-size:17px;line-height:23px;color:{_INK};padding:0 0 20px">%(heading)s</td>'
    f'<td style="padding:0 0 20px;text-align:%(end)s;{_SERIF};font-style:italic;font-size:30px;line-height:24px;'
    f'color:{_BLUE}">&amp;</td></tr>%(body)s</table></td></tr></table></td></tr></table></body></html>'
)
_ITEM = (
    f'<tr><td style="{_SANS};font-size:16px;line-height:23px;color:{_INK};padding:16px 0 4px;'
    f'border-top:1px solid {_RULE};vertical-align:top"><b dir="auto">%s</b><br>%s'
    f'<span style="font-size:14px;line-height:20px;color:{_SECOND}"><span style="white-space:nowrap">%s</span>'
    '<span style="color:%s">%s</span></span></td>'
    f'<td style="{_SERIF};font-size:20px;line-height:23px;color:{_INK};padding:16px 0 4px;'
    f'border-top:1px solid {_RULE};text-align:%s;vertical-align:top;white-space:nowrap">%s</td></tr>'
    f'<tr><td colspan="2" style="padding:0 0 16px;{_SANS};font-size:15px;line-height:24px">%s</td></tr>'
)
_BUTTON = (
    f'<tr><td colspan="2" style="border-top:1px solid {_INK};padding:20px 0 8px">'
    '<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>'
    f'<td bgcolor="{_BLUE}" style="background:{_BLUE};border-radius:3px;padding:13px 22px;{_SANS};font-size:17px;'
    'font-weight:600;line-height:22px"><a href="%s" style="color:#ffffff;text-decoration:none">%s</a></td>'
    "</tr></table></td></tr>"
)
_LINK = f'<a href="%s" style="color:{_BLUE};text-decoration:underline">%s</a>'
_WAY = _LINK.replace("underline", "underline;white-space:nowrap")
_SAID = f'<tr><td colspan="2" style="{_SERIF};font-size:19px;line-height:28px;color:{_INK};padding:%s">%s</td></tr>'
_SENTENCE = f'<tr><td colspan="2" style="{_SANS};font-size:16px;line-height:24px;color:{_INK};padding:8px 0 18px">%s</td></tr>'
_ASIDE = (
    f'<tr><td colspan="2" style="background:#f1ece0;padding:12px 16px;{_SANS};font-size:15px;line-height:22px;'
    f'color:{_INK}">%s</td></tr>'
)
_SMALL = (
    f'<tr><td colspan="2" style="border-top:1px solid {_RULE};padding:14px 0 0;{_SANS};font-size:13px;line-height:19px;'
    f'color:{_SECOND}">%s</td></tr>'
)
_GAP = Markup(" &nbsp;&nbsp;&nbsp; ")


def page(language: str, direction: str, title: str, heading: str, rows: Sequence[Markup]) -> str:
    """The whole HTML part; `heading` says who writes."""
    start, end = sides(direction)
    return _PAGE % {
        "language": escape(language),
        "dir": direction,
        "start": start,
        "end": end,
        "title": escape(title),
        "heading": escape(heading),
        "body": "".join(rows),
    }


def item(
    vendor: str, work: str, number: str, due: str, amount: str, links: Sequence[Markup], late: bool, direction: str
) -> Markup:
    """One invoice: who and for what, then number and day (in the late colour when it is late), amount, ways to act."""
    done = f'<span dir="auto">{escape(work)}</span><br>' if work else ""
    return Markup(
        _ITEM
        % (
            escape(vendor), done, escape(number), _LATE if late else _SECOND, escape(due), sides(direction)[1],
            escape(amount), _GAP.join(links),
        )
    )  # fmt: skip


def button(url: str, words: str) -> Markup:
    return Markup(_BUTTON % (escape(url), escape(words)))


def link(url: str, words: str) -> Markup:
    return Markup(_LINK % (escape(url), escape(words)))


def way(url: str, words: str) -> Markup:
    """A link among several in a row, which stays on one line."""
    return Markup(_WAY % (escape(url), escape(words)))


def said(words: str, first: bool = True) -> Markup:
    """What a person says, in the voice of a letter; line breaks stay."""
    padding = "0 0 20px" if first else "20px 0 18px"
    return Markup(_SAID % (padding, escape(words, quote=False).replace("\n", "<br>")))


def sentence(words: Markup) -> Markup:
    return Markup(_SENTENCE % words)


def links(found: Sequence[Markup]) -> Markup:
    return sentence(Markup(_GAP.join(found)))


def aside(head: str, words: str) -> Markup:
    return Markup(_ASIDE % f"<b>{escape(head)}</b> {escape(words, quote=False)}")


def small(words: str, more: Markup | None = None) -> Markup:
    return Markup(_SMALL % " ".join(filter(None, (escape(words, quote=False), more))))


def plain(words: str) -> Markup:
    """Words as HTML, to stand among links."""
    return Markup(escape(words, quote=False))


@cache
def sides(direction: str) -> tuple[str, str]:
    """Where a line starts and where it ends; mail programs do not know `start` and `end`."""
    return ("right", "left") if direction == "rtl" else ("left", "right")
