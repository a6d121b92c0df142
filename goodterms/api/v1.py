"""Decides what the API is: its nouns, how each operation is wrapped, and what its document says that it may answer."""

from typing import Any

from ninja import NinjaAPI

from goodterms.api import (
    conversations,
    corrections,
    credits,
    customers,
    drafts,
    enclosures,
    holds,
    imports,
    invoices,
    measures,
    notices,
    parts,
    payments,
    plans,
    projects,
    rates,
    retainers,
    schedules,
    terms,
    withheld,
)
from goodterms.api.door import SaidBefore, answers_once, decides, say_again
from goodterms.api.problems import MEDIA_TYPE, Problem, answer_problems

ROUTERS = {
    "/customers": [customers.router, terms.of_customer, credits.of_customer],
    "/contacts": [customers.people],
    "/terms": [terms.router],
    "/invoices": [
        invoices.router,
        drafts.router,
        holds.router,
        corrections.router,
        credits.of_note,
        enclosures.router,
        conversations.of_invoice,
        withheld.of_invoice,
    ],
    "/projects": [projects.router, parts.router],
    "/items": [projects.items],
    "/retainers": [retainers.router],
    "/schedules": [schedules.router],
    "/payments": [payments.router],
    "/withheld": [withheld.router],
    "/rates": [rates.router],
    "/imports": [imports.router],
    "/conversations": [conversations.router],
    "/extensions": [conversations.wishes],
    "/plans": [plans.router],
    "/notices": [notices.router],
    "/measures": [measures.router],
}
REFUSALS = {
    "400": "It cannot be read.",
    "401": "No key, or none that is in use.",
    "403": "The key does not carry the scope.",
    "422": "Understood, and it may not be done, or a field does not fit; `detail` says why.",
    "500": "Our fault; nothing was changed.",
}
KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "The same key with the same request gets the first answer again, byte for byte, and has no second effect.",
}


class Api(NinjaAPI):
    """The API with a document that is true of the way in: problems, keys and idempotency. It takes a quarter of a second to
    write and is never another one, so it is written once."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._documents: dict[str, Any] = {}  # by where the API lies

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> Any:
        place = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if place not in self._documents:
            self._documents[place] = self._document(place)
        return self._documents[place]

    def _document(self, place: str) -> Any:
        document = super().get_openapi_schema(path_prefix=place)
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                _complete(path, method, operation)
        return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """What the door adds to every operation."""
    refusals = dict(REFUSALS)
    for parameter in operation["parameters"]:
        parameter["schema"] = _said_or_left_out(parameter["schema"])
    if "{" in path:
        refusals["404"] = "There is no such thing, or it is another vendor's: the answers are the same."
    if method != "get":
        operation["parameters"].append({**KEY, "required": method == "post"})
        refusals["409"] = "The first request with this key is still at work; Retry-After says when to ask again."
        refusals["413"] = "It is larger than is taken here."
        refusals["415"] = "The body is not application/json."
    for status, said in refusals.items():
        schema = {"$ref": "#/components/schemas/Problem"}
        operation["responses"][status] = {"description": said, "content": {MEDIA_TYPE: {"schema": schema}}}


def _said_or_left_out(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is said or left out; there is no null in a query."""
    choices = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    return choices[0] if len(choices) == 1 else schema


api = Api(
    title="Goodterms",
    version="1",
    description="Get paid, and stay on good terms. Every request acts for the one vendor of its key.",
    docs_url=None,
    urls_namespace="api-1",
)
api.add_exception_handler(SaidBefore, say_again)
answer_problems(api)
api.add_decorator(answers_once, mode="view")
api.add_decorator(decides, mode="operation")
for prefix, routers in ROUTERS.items():
    for router in routers:
        api.add_router(prefix, router)
