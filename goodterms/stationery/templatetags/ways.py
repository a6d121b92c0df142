"""Decides how pages write addresses: as Django does, but the shape of an address is looked up once, not in each row."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as usual
from django.urls import get_urlconf, reverse
from django.utils.html import escape

register = template.Library()
_KEY = UUID(int=0)  # stands where the key of a row will


@register.tag
def url(parser: Parser, token: Token) -> template.Node:
    """`{% url %}` of Django: a key among the words, which is another one in each row, is only put in its place."""
    node = usual(parser, token)
    return node if node.kwargs or node.asvar else _Way(node.view_name, node.args, node.kwargs, node.asvar)


class _Way(URLNode):
    def render(self, context: Context) -> Any:
        words = [arg.resolve(context) for arg in self.args]
        keys = [word for word in words if isinstance(word, UUID)]
        if len(keys) > 1 or not context.autoescape:
            return super().render(context)
        shape = tuple(_KEY if isinstance(word, UUID) else str(word) for word in words)
        before, after = _around(get_urlconf(), self.view_name.resolve(context), shape)
        return f"{before}{keys[0]}{after}" if keys else before


@lru_cache(maxsize=1_024)
def _around(_: Any, name: str, shape: tuple[Any, ...]) -> tuple[str, str]:
    """What stands before and after the key, ready for a page."""
    before, _key, after = reverse(name, args=shape).partition(str(_KEY))
    return escape(before), escape(after)
