"""Decides how a vendor says at the desk how the numbers of its documents look, and where they begin."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from goodterms.desk.door import Visit, at, at_desk, deciding, shown
from goodterms.invoicing.actions import number_documents
from goodterms.invoicing.numbering import Run, runs_of
from goodterms.invoicing.numbers import PATTERNS
from goodterms.values.refusal import Refused

DOCUMENTS = {"invoice": "Invoices", "credit_note": "Credit notes"}


@at_desk("owner", "bookkeeper", methods=("GET", "HEAD", "POST"))
def numbers(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Both usual series in one form: all of it is kept, or none."""
    usual = [run for run in runs_of(visit.vendor.id, visit.today) if run.code in PATTERNS]
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            for run in usual:
                _keep(visit, run, request.POST)
        if outcome:
            return redirect(f"{at(visit, 'settings')}#firm")
        refusal = outcome.refusal
    typed = request.POST if request.method == "POST" else None
    rows = [_row(run, typed) for run in usual]
    status = 200 if refusal is None else 409
    return shown(request, visit, "desk/settings/numbers.html", "settings", status, rows=rows, refusal=refusal)


def _keep(visit: Visit, run: Run, typed: QueryDict) -> None:
    try:
        number_documents(
            vendor_id=visit.vendor.id, kind=run.kind, pattern=typed.get(f"{run.kind}_pattern", run.pattern).strip(),
            begin=_begin(run, typed), today=visit.today, by=visit.by, now=visit.now,
        )  # fmt: skip
    except Refused as no:  # each of the two has fields of its own; where they begin is asked before the first only
        field = None if run.is_begun and no.field == "next" else f"{run.kind}_{no.field or 'pattern'}"
        raise Refused(no.sentence, code=no.code, field=field) from no


def _begin(run: Run, typed: QueryDict) -> int | None:
    """What was typed; what stands there already is not said again, so that another look may go on after other numbers."""
    written = typed.get(f"{run.kind}_next", "").strip()
    if written in ("", str(run.next)):
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise Refused(f"{written[:30]!r} is not a whole number. Write it like 188.", code="number", field="next")
    return int(written)


def _row(run: Run, typed: QueryDict | None) -> dict[str, Any]:
    said = {"pattern": run.pattern, "next": str(run.next)}
    if typed is not None:
        said = {name: typed.get(f"{run.kind}_{name}", value) for name, value in said.items()}
    names = {name: f"{run.kind}_{name}" for name in said}
    return {"run": run, "documents": DOCUMENTS[run.kind], **names, "said": said}
