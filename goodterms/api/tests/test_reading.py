"""The page that people read tells of every operation, and the document is whole."""

from django.test import Client
from ninja import Schema

from goodterms.api import conversations, customers, invoices, measures, notices, pages, payments, terms
from goodterms.api.v1 import api


def test_the_page_lists_every_operation_with_what_it_needs(db: None) -> None:
    page = Client().get("/api/v1/docs").text
    document = api.get_openapi_schema()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f'<b class="method">{method.upper()}</b> <code>{path}</code>' in page
            assert f"<code>{operation['x-scope']}</code>" in page
    assert "e_transfer" in page  # choices are spelt out


def test_two_shapes_never_share_a_name() -> None:
    """The document knows a shape by its name alone: the later one of two would stand for both."""
    rooms = (conversations, customers, invoices, measures, notices, pages, payments, terms)
    shapes = {shape for room in rooms for shape in vars(room).values() if isinstance(shape, type) and issubclass(shape, Schema)}
    names = [shape.__name__ for shape in shapes]
    assert len(names) == len(set(names))


def test_every_post_needs_an_idempotency_key_and_every_status_is_named() -> None:
    for methods in api.get_openapi_schema()["paths"].values():
        for method, operation in methods.items():
            keys = [one["required"] for one in operation["parameters"] if one["name"] == "Idempotency-Key"]
            assert keys == {"get": [], "post": [True]}.get(method, [False])
            named = {str(status) for status in operation["responses"]}
            assert {"400", "401", "403", "422", "500"} <= named
            assert (method == "get") != ({"409", "413", "415"} <= named)
