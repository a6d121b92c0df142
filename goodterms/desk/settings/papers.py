"""Decides how the letterhead of a vendor's papers is set: words, a colour, a logo that was looked into before it is kept."""

import base64
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from goodterms.desk.door import Visit, at, at_desk, deciding, shown
from goodterms.invoicing.actions import change_letterhead
from goodterms.invoicing.actions.letterhead import TEXTS
from goodterms.invoicing.logo import SIZE_MAX
from goodterms.invoicing.models import Letterhead
from goodterms.values.refusal import Refused

FIELDS = (*TEXTS, "colour")


@at_desk("owner", "bookkeeper", methods=("GET", "HEAD", "POST"))
def papers(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """What the papers that are made from now on look like; those that were made stay."""
    kept = Letterhead.objects.filter(vendor=visit.vendor, ended_at=None).first()
    typed: Any = request.POST if request.method == "POST" else {name: getattr(kept, name, "") for name in FIELDS}
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            change_letterhead(
                vendor_id=visit.vendor.id, texts={name: typed.get(name, "") for name in FIELDS}, logo=_logo(request),
                without_logo="without_logo" in typed, by=visit.by, now=visit.now,
            )  # fmt: skip
        if outcome:
            return redirect(f"{at(visit, 'settings')}#papers")
        refusal = outcome.refusal
    more: dict[str, Any] = {"typed": typed, "refusal": refusal, "logo": shown_logo(kept), "most": SIZE_MAX // 1024}
    return shown(request, visit, "desk/settings/papers.html", "settings", 409 if refusal else 200, **more)


def letterhead_of(visit: Visit) -> dict[str, Any]:
    """For the overview of all settings."""
    kept = Letterhead.objects.filter(vendor=visit.vendor, ended_at=None).first()
    return {"letterhead": kept, "logo": shown_logo(kept)}


def shown_logo(kept: Letterhead | None) -> str:
    """The picture within the page: nothing in it acts, whatever a browser makes of it."""
    if kept is None or not kept.logo:
        return ""
    return f"data:{kept.logo_type};base64,{base64.b64encode(bytes(kept.logo)).decode()}"


def _logo(request: HttpRequest) -> bytes | None:
    """What was chosen, read no further than it may be large."""
    given = request.FILES.get("logo")
    if given is None:
        return None
    if (given.size or 0) > SIZE_MAX:
        raise Refused(
            f"The picture has {(given.size or 0) / 1024:,.0f} KB; a logo may have {SIZE_MAX // 1024}. Save it smaller.",
            code="logo", field="logo",
        )  # fmt: skip
    return bytes(given.read())
