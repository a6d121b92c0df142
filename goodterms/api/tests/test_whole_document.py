"""Every operation of the document, with requests that it allows and that it does not: no fault of ours, and no answer that
it does not name. GOODTERMS_API_EXAMPLES sets how many of each are tried for each operation."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from goodterms.api.shapes import In, Out
from goodterms.api.tests.world import World
from goodterms.api.v1 import api

if TYPE_CHECKING:  # what makes up the requests takes long to load, and every process of a run collects this file
    from schemathesis import Case, GenerationMode

EXAMPLES = int(os.environ.get("GOODTERMS_API_EXAMPLES", "2"))
# The rules of the trade say more than a schema can: what is well formed may still be refused (422), or not be there (404).
CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 404, 409, 422]}}}


@pytest.fixture
def document(db: None) -> Iterator[Any]:
    import schemathesis
    from schemathesis.checks import load_all_checks
    from schemathesis.config import SchemathesisConfig

    load_all_checks()
    config = SchemathesisConfig.from_dict(CONFIG)
    ends = (request_started, request_finished)  # as Django's own test client does: the test's connection stays
    for end in ends:
        end.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=config)
    for end in ends:
        end.connect(close_old_connections)


def test_no_two_shapes_share_a_name() -> None:
    """The document has one shape under a name, so an answer of the other would be told as what it is not."""
    shapes = [one for base in (In, Out) for one in _kinds(base) if one.__module__.startswith("goodterms.")]
    assert len(shapes) > 50
    assert [name for name, times in Counter(one.__name__ for one in shapes).items() if times > 1] == []


def _kinds(base: type[Any]) -> set[type[Any]]:
    return {base}.union(*(_kinds(one) for one in base.__subclasses__()))


def test_no_operation_fails_or_answers_what_it_does_not_name(document: Any, ours: World) -> None:
    from schemathesis import GenerationMode

    seen: dict[int, int] = {}
    operations = [(method.upper(), path) for path, methods in api.get_openapi_schema()["paths"].items() for method in methods]
    for method, path in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _try(document[path][method], mode, ours, seen)
    assert {200, 201, 404, 422} <= set(seen)  # things were done and refused, not only turned away
    assert not any(status >= 500 for status in seen)


def _try(operation: Any, mode: "GenerationMode", ours: World, seen: dict[int, int]) -> None:
    from schemathesis import GenerationMode
    from schemathesis.checks import CHECKS
    from schemathesis.errors import SchemathesisError

    checks: list[Any] = list(CHECKS.get_all())
    try:
        cases = operation.as_strategy(generation_mode=mode)
    except SchemathesisError:
        return

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases, known=st.booleans())
    def tried(case: "Case[Any]", known: bool) -> None:
        assume([] not in (case.query or {}).values())  # a list of nothing is not sent at all
        if known and mode is GenerationMode.POSITIVE:
            _name_ours(case, ours)
        with transaction.atomic():
            response = case.call_and_validate(headers={"Authorization": f"Bearer {ours.secret}"}, checks=checks)
            transaction.set_rollback(True)
        seen[response.status_code] = seen.get(response.status_code, 0) + 1

    tried()


def _name_ours(case: "Case[Any]", ours: World) -> None:
    """Most made-up ids name nothing; so that verbs get to work, half of the requests name what there is."""
    for name in list(case.path_parameters):
        case.path_parameters[name] = str(ours.ids[name])
    if isinstance(case.body, dict):
        if "customer_id" in case.body:
            case.body["customer_id"] = str(ours.ids["customer_id"])
        if "invoice_ids" in case.body:
            case.body["invoice_ids"] = [str(ours.ids["invoice_id"])]
