"""Decides how a no is said: in the reader's words, with what to do next."""

from datetime import date


def to_say(sentence: str) -> str:
    """Marks a sentence that is refused with elsewhere, for those who translate what payers may read."""
    return sentence


class Refused(Exception):  # noqa: N818  (a decision in the reader's words, not a fault of the program)
    """A verb or rule says no. The sentence is shown to the reader as it is.

    `field` names the input that was refused, where there is one; `code` is a stable word for programs. A sentence that a
    payer may read names its `values` like {this}, so that a door can say it in another language (stationery.refusals).
    """

    def __init__(self, sentence: str, *, code: str = "refused", field: str | None = None, **values: object) -> None:
        said = sentence.format(**{name: _plain(value) for name, value in values.items()}) if values else sentence
        super().__init__(said)
        self.sentence = said
        self.template, self.values = sentence, values
        self.code = code
        self.field = field


def _plain(value: object) -> str:
    return f"{value.day} {value:%B %Y}" if isinstance(value, date) else str(value)
