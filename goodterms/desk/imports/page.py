"""Decides how a file comes into the books by the desk: chosen, read, checked, mended, then all of it or nothing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path

from goodterms.desk.door import BOOKS, Visit, at, at_desk, deciding, shown
from goodterms.desk.imports import sight as seeing
from goodterms.imports.actions import keep, let_go, look, mend, read_as, save_profile, take_over, use_profile
from goodterms.imports.actions.uploads import BYTES_MAX, headings_of, holds_of, lines_of
from goodterms.imports.models import SavedProfile, Upload
from goodterms.imports.profile import HOLDS
from goodterms.values.refusal import Refused

BOTH = ("GET", "HEAD", "POST")


@at_desk(*BOOKS, methods=BOTH)
def begin(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Choose a file; those that are on their way stand below."""
    refusal = None
    if request.method == "POST":
        file = request.FILES.get("file")
        with deciding() as outcome:
            if file is None:
                raise Refused("Choose a file first: CSV, with one line of headings.", code="file", field="file")
            if file.size and file.size > BYTES_MAX:
                raise Refused(f"The file is larger than {BYTES_MAX // 1024 // 1024} MB. Import it with: goodterms import.")
            holds = request.POST.get("holds", "")
            upload = keep(
                vendor_id=visit.vendor.id, name=file.name or "", content=file.read(), by=visit.by, now=visit.now,
                holds=holds if holds in HOLDS else "",
            )  # fmt: skip
        if outcome:
            return redirect(at(visit, "import-check", upload_id=upload.id))
        refusal = outcome.refusal
    waiting = Upload.objects.filter(vendor=visit.vendor, ended_at=None).defer("content").order_by("-at")[:20]
    taken = Upload.objects.filter(vendor=visit.vendor).exclude(taken=None).defer("content").select_related("taken")
    more: dict[str, Any] = {"refusal": refusal, "holds": HOLDS, "waiting": waiting, "taken": taken.order_by("-ended_at")[:20]}
    return shown(request, visit, "desk/imports/begin.html", "invoices", 422 if refusal else 200, **more)


@at_desk(*BOOKS, methods=("GET", "HEAD"))
def check(request: HttpRequest, visit: Visit, upload_id: UUID) -> HttpResponseBase:
    """The columns, what will be imported, and the lines that stop it. Checking writes nothing."""
    return _checked(request, visit, _one(visit, upload_id))


@at_desk(*BOOKS, methods=("POST",))
def read(request: HttpRequest, visit: Visit, upload_id: UUID) -> HttpResponseBase:
    """Columns, dates, amounts and terms as a person says; or as an earlier file was read; or kept under a name."""
    upload = _one(visit, upload_id)
    with deciding() as outcome:
        if request.POST.get("profile"):
            use_profile(upload_id=upload_id, profile_id=UUID(request.POST["profile"]))
        else:
            read_as(upload_id=upload_id, changes=_changes(request, upload))
        if name := request.POST.get("name", "").strip():
            save_profile(upload_id=upload_id, name=name, by=visit.by, now=visit.now)
    if not outcome:
        return _checked(request, visit, upload, outcome.refusal)
    return redirect(at(visit, "import-check", upload_id=upload_id))


@at_desk(*BOOKS, methods=("POST",))
def change(request: HttpRequest, visit: Visit, upload_id: UUID) -> HttpResponseBase:
    """A field of a line as a person writes it, or the line left out."""
    upload = _one(visit, upload_id)
    line, place = request.POST.get("line", ""), request.POST.get("place", "")
    with deciding() as outcome:
        if not line.isdecimal() or not (place.isdecimal() or request.POST.get("out")):
            raise Refused("Say which line, and what it should say.", code="line", field="line")
        out = bool(request.POST.get("out"))
        mend(upload_id=upload_id, line=int(line), place=None if out else int(place), said=request.POST.get("said", ""))
    if not outcome:
        return _checked(request, visit, upload, outcome.refusal)
    return redirect(f"{at(visit, 'import-check', upload_id=upload_id)}#line-{line}")


@at_desk(*BOOKS, methods=("POST",))
def finish(request: HttpRequest, visit: Visit, upload_id: UUID) -> HttpResponseBase:
    """All of it into the books, or the file let go."""
    upload = _one(visit, upload_id)
    if request.POST.get("let_go"):
        let_go(upload_id=upload_id, by=visit.by, now=visit.now)
        messages.success(request, f"{upload.name} was let go. Nothing of it was in the books.")
        return redirect(at(visit, "import"))
    with deciding() as outcome:
        answer = take_over(upload_id=upload_id, by=visit.by, role=visit.role, now=visit.now)  # type: ignore[arg-type]
    if not outcome:
        return _checked(request, visit, _one(visit, upload_id), outcome.refusal)
    if not answer.get("again"):
        then = " Look at the rehearsal before the next day begins." if holds_of(upload) == "invoices" else ""
        messages.success(request, f"{_brought(answer, holds_of(upload))} of {upload.name} are in the books.{then}")
    return redirect(at(visit, "customers" if holds_of(upload) == "customers" else "invoices"))


def _brought(answer: dict[str, Any], holds: str) -> str:
    """`2 invoices and 1 credit note`, as the button said."""
    found = [(answer["new"], seeing.THINGS.get(holds, holds.removesuffix("s"))), (answer.get("credits_new", 0), "credit note")]
    return " and ".join(f"{n} {thing}{'' if n == 1 else 's'}" for at, (n, thing) in enumerate(found) if n or not at)


def _one(visit: Visit, upload_id: UUID) -> Upload:
    upload = Upload.objects.filter(vendor=visit.vendor, id=upload_id).first()
    if upload is None:
        raise Http404
    return upload


def _checked(request: HttpRequest, visit: Visit, upload: Upload, refusal: Refused | None = None) -> HttpResponseBase:
    if upload.ended_at is not None:
        raise Refused("This file was taken over or let go before. Begin with the file again.", code="ended")
    seen, fault = None, None
    with deciding() as outcome:
        seen = look(upload=upload, role="bookkeeper", now=visit.now, first=seeing.SHOWN + seeing.BAD_SHOWN)
    if not outcome:
        fault = outcome.refusal
    more: dict[str, Any] = {"upload": upload, "size": seeing.kilobytes(upload.size), "sight": seen, "fault": fault}
    if seen is not None:
        more["columns"] = seeing.columns(upload, seen)
        more["told"] = seeing.shown(upload, seen, _bad_rows(upload, seen.answer))
    more |= {"holds": holds_of(upload), "thing": seeing.THINGS.get(holds_of(upload), holds_of(upload).removesuffix("s"))}
    more |= {
        "words": seeing.SAID_OF[holds_of(upload)].items(),
        "dates": seeing.DATES,
        "amounts": seeing.AMOUNTS,
        "refusal": refusal,
    }
    kept = SavedProfile.objects.filter(vendor=visit.vendor).order_by("name")
    more["kept"] = [one for one in kept if one.data.get("holds", "invoices") == holds_of(upload)]
    return shown(request, visit, "desk/imports/check.html", "invoices", 422 if refusal else 200, **more)


def _bad_rows(upload: Upload, answer: dict[str, Any] | None) -> list[tuple[int, list[str]]]:
    """The lines that stop the file, as they are written."""
    wanted = {bad["line"] for bad in (answer or {"bad": []})["bad"][: seeing.BAD_SHOWN * 4]}
    return lines_of(upload, wanted) if wanted else []


def _changes(request: HttpRequest, upload: Upload) -> dict[str, Any]:
    posted = {name: str(value) for name, value in request.POST.items()}
    decimal, _, thousands = posted.get("amounts", "").partition("|")
    changes: dict[str, Any] = {"columns": seeing.chosen(posted, headings_of(upload), holds_of(upload))}
    if posted.get("dates"):
        changes["dates"] = [posted["dates"]]
    if decimal:
        changes |= {"decimal": decimal, "thousands": thousands}
    if "terms" in posted:
        changes["terms"] = posted["terms"].strip()
    if posted.get("currency"):
        changes["currency"] = posted["currency"].strip().upper()
    return changes


urls: list[URLPattern] = [
    path("import/", begin, name="import"),
    path("import/<uuid:upload_id>/", check, name="import-check"),
    path("import/<uuid:upload_id>/columns/", read, name="import-columns"),
    path("import/<uuid:upload_id>/line/", change, name="import-line"),
    path("import/<uuid:upload_id>/take-over/", finish, name="import-finish"),
]
