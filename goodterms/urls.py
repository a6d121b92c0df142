"""Decides which door a request comes to."""

from django.urls import URLPattern, URLResolver, include, path

from goodterms.api.health import healthz, readyz
from goodterms.api.reading import docs
from goodterms.api.v1 import api
from goodterms.desk import front, outbox

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.front, name="front"),
    path("account/", include("goodterms.desk.signin.urls")),
    path("at/<slug:slug>/", include("goodterms.desk.urls")),
    path("", include("goodterms.portal.urls")),
    path("outbox/", outbox.letters, name="outbox"),
    path("outbox/<str:name>/", outbox.letter, name="letter"),
    path("outbox/<str:name>/page/", outbox.letter_page, name="letter-page"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("api/v1/docs", docs, name="api-docs"),
    path("api/v1/", api.urls),
]
