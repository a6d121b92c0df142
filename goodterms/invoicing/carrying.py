"""Decides which papers of a document go along with its letter: the invoice in each of its forms, and what is enclosed while it
fits; what does not is on the customer's page."""

from collections.abc import Sequence
from typing import NamedTuple

from goodterms.delivery.mime import Attachment
from goodterms.einvoices.hybrid import Enclosed

# As it is; in a letter it is a third larger, and servers commonly take 25 MB (RFC 5321 leaves it to each).
LETTER_MAX = 18 * 1024 * 1024


class Papers(NamedTuple):
    """A document's own PDF, the XML where its customer takes one beside it, and the files that are enclosed."""

    pdf: Attachment
    xml: Attachment | None
    enclosed: Sequence[Enclosed]


class Going(NamedTuple):
    """What is attached, in its order, and the names of what is not because the letter would be too large."""

    attached: tuple[Attachment, ...]
    left: tuple[str, ...]


def goes_along(papers: Papers) -> Going:
    """The invoice itself always; of the others each that still fits, in the order in which they were enclosed."""
    attached = [papers.pdf, *([papers.xml] if papers.xml else [])]
    weight, left = sum(len(one.content) for one in attached), []
    for one in papers.enclosed:
        if weight + len(one.content) <= LETTER_MAX:
            attached.append(Attachment(one.name, one.media_type, one.content))
            weight += len(one.content)
        else:
            left.append(one.name)
    return Going(tuple(attached), tuple(left))
