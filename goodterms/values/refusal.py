"""Decides how a no is said: in the reader's words, with what to do next."""


class Refused(Exception):  # noqa: N818  (a decision in the reader's words, not a fault of the program)
    """A verb or rule says no. The sentence is shown to the reader as it is.

    `field` names the input that was refused, where there is one; `code` is a stable word for programs.
    """

    def __init__(self, sentence: str, *, code: str = "refused", field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.field = field
