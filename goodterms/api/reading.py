"""Decides how the API is read by people: one page of operations, rendered here, with nothing from another host."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from goodterms.api.v1 import api

POLICY = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation of the API by noun: what it needs, takes and answers."""
    nouns = _by_noun(api.get_openapi_schema())
    return HttpResponse(
        render_to_string("api/docs.html", {"nouns": nouns}, request), headers={"Content-Security-Policy": POLICY}
    )


def _by_noun(document: Any) -> dict[str, list[dict[str, Any]]]:
    nouns: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            nouns.setdefault(operation["tags"][0], []).append(_told(path, method, operation, document))
    return nouns


def _told(path: str, method: str, operation: dict[str, Any], document: Any) -> dict[str, Any]:
    return {
        "path": path,
        "method": method.upper(),
        "name": operation["operationId"].rpartition("_api_")[2] or operation["operationId"],
        "says": operation.get("description") or operation["summary"],
        "scope": operation["x-scope"],
        "asks": [_field(one["name"], one["schema"], one["required"]) for one in operation["parameters"] if one["in"] != "path"],
        "body": _fields(operation, document),
        "status": next(status for status in operation["responses"] if str(status).startswith("2")),
    }


def _fields(operation: dict[str, Any], document: Any) -> list[dict[str, Any]]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schema = document["components"]["schemas"].get(content.get("$ref", "").rpartition("/")[2], {})
    required = schema.get("required", [])
    return [_field(name, field, name in required) for name, field in schema.get("properties", {}).items()]


def _field(name: str, schema: dict[str, Any], required: bool) -> dict[str, Any]:
    return {"name": name, "kind": _kind(schema), "required": required, "says": schema.get("description", "")}


def _kind(schema: dict[str, Any]) -> str:
    """The type in a word or two, choices spelt out."""
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) or "empty" for one in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("format") or schema.get("const") or schema.get("type", "object"))
