"""Decides what no log may keep: the tokens in addresses, which open what they name (T6)."""

import logging
import re

_TOKEN = re.compile(r"(/p/|/(?:receipt|feedback)/[0-9a-f-]{36}/|/(?:invitation|order)/)[\w-]{16,}")


class WithoutTokens(logging.Filter):
    """Writes `/p/…` for `/p/` and its token, in the words of a line and in what they are filled with."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_tokens(record.getMessage()), None
        return True


def without_tokens(text: str) -> str:
    return _TOKEN.sub(r"\1…", text)
