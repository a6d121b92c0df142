"""Decides which page of the invoices' room an address opens."""

from django.urls import URLPattern, path

from goodterms.desk.invoices import (
    abroad,
    certificates,
    crediting,
    finding,
    listing,
    one,
    paying,
    refunding,
    sending,
    together,
    writing,
)

_ONE = "invoices/<uuid:invoice_id>/"

urls: list[URLPattern] = [
    path("find/", finding.find, name="find"),
    path("invoices/", listing.invoices, name="invoices"),
    path("invoices.csv", listing.invoices_csv, name="invoices-csv"),
    path("invoices/views/", listing.keep_view, name="invoices-views"),
    path("invoices/selected/", together.selected, name="invoices-selected"),
    path("invoices/together/", together.together, name="invoices-together"),
    path("invoices/new/", writing.new_invoice, name="new-invoice"),
    path("invoices/preview/", writing.preview, name="invoice-preview"),
    path(_ONE, one.invoice, name="invoice"),
    path(f"{_ONE}draft/", writing.draft_page, name="draft"),
    path(f"{_ONE}document.pdf", sending.paper, name="invoice-document"),
    path(f"{_ONE}document.xml", sending.xml, name="invoice-xml"),
    path(f"{_ONE}files/<uuid:enclosure_id>/", sending.enclosure, name="enclosure"),
    path(f"{_ONE}send/", sending.send, name="invoice-send"),
    path(f"{_ONE}keep-back/", sending.keep_back, name="invoice-keep-back"),
    path(f"{_ONE}<slug:verb>/", one.deed, name="invoice-deed"),
    path("customers/<uuid:customer_id>/payment/", paying.record_payment, name="record-payment"),
    *abroad.urls,
    *certificates.urls,
    *crediting.urls,
    *refunding.urls,
]
