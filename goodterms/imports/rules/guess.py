"""Decides how a file is probably read: its signs, its columns and its way of writing dates and amounts, each with a reason.

A guess is shown and can be changed. What decides about money or days is guessed only where all lines agree: dates that could
be read two ways, and amounts written in two ways, are asked about.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from unicodedata import normalize

SAMPLE = 2_000  # rows that are looked at
_DATE = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})")
_AMOUNT = re.compile(r"-?[€$£]?\s*\d[\d.,' \u00a0\u202f]*")
_HEADINGS = {
    "number": ("invoicenumber", "invoiceno", "invno", "invoice", "number", "no", "documentnumber", "invoiceid", "nomorfaktur"),
    "customer": ("customerid", "customernumber", "customerno", "customer", "client", "clientname", "customername", "account"),
    "name": ("customername", "clientname", "name", "company"),
    "contact": ("contact", "contactname", "person", "attention"),
    "email": ("email", "emailaddress", "mail", "contactemail", "customeremail"),
    "issued": ("invoicedate", "issued", "issuedate", "raised", "date", "dated", "issuedon", "created"),
    "due": ("duedate", "due", "dueon", "payby", "jatuhtempo"),
    "amount": ("invoiceamount", "total", "amount", "gross", "totalamount", "os", "outstanding", "open", "balance", "amountdue"),
    "currency": ("currency", "currencycode", "ccy"),
    "terms": ("terms", "paymentterms"),
    "work": ("work", "description", "notes", "subject", "project", "memo"),
    "order_number": ("ponumber", "po", "ordernumber", "purchaseorder", "reference"),
    "country": ("country", "countrycode"),
    "settled": ("settleddate", "paiddate", "paidon", "paid", "datepaid", "settled"),
    "disputed": ("disputed", "indispute"),
    "paperless": ("paperlessdate", "paperlessfrom"),
}
_HEADINGS_OF = {
    "invoices": _HEADINGS,
    "customers": {
        "number": ("customernumber", "customerno", "customerid", "number", "code", "no", "id", "customer", "name"),
        "name": ("name", "customername", "company", "customer"),
        "legal_name": ("legalname", "registeredname"),
        "contact": ("contact", "contactname", "person", "attention", "fullname"),
        "email": ("email", "emailaddress", "mail", "contactemail"),
        "phone": ("phone", "telephone", "phonenumber"),
        "address": ("address", "billaddress", "billingaddress"),
        "street": ("street", "addressline1", "address1"),
        "city": ("city", "town"),
        "region": ("region", "state", "county"),
        "post_code": ("postcode", "postalcode", "zip", "zipcode"),
        "country": ("country", "countrycode"),
        "company_number": ("companynumber", "registrationnumber", "companyno", "companyregistrationnumber"),
        "endpoint_scheme": ("endpointscheme", "peppolscheme", "eas"),
        "endpoint_id": ("endpointid", "peppolid", "endpoint"),
        "buyer_reference": ("buyerreference", "leitwegid"),
        "parent": ("parent", "parentcustomer", "group", "belongsto"),
        "tax_id": ("taxid", "vat", "vatnumber", "vatno", "taxnumber"),
        "language": ("language", "locale"),
        "currency": ("currency", "currencycode", "ccy"),
        "terms": ("terms", "paymentterms"),
        "enclosure_required": ("enclosurerequired", "supportingdocument", "documentrequired"),
        "invoice_format": ("invoiceformat", "einvoiceformat", "einvoice"),
        "order_required": ("orderrequired", "orderneeded", "porequired"),
        "bill_days": ("billdays", "billingdays"),
        "note": ("note", "notes"),
    },
    "credits": {
        "number": ("creditnotenumber", "creditnote", "creditnoteno", "creditmemo", "number", "no", "id"),
        "invoice": ("invoicenumber", "invoice", "invoiceno", "appliedto", "corrects", "originalinvoice"),
        "customer": ("customerid", "customernumber", "customer", "client", "customername"),
        "issued": ("creditdate", "issued", "issuedate", "date", "created"),
        "amount": ("amount", "total", "credit", "gross"),
        "left": ("remainingcredit", "remaining", "left", "unapplied", "open", "balance"),
        "currency": ("currency", "currencycode", "ccy"),
        "reason": ("reason", "memo", "notes", "description"),
    },
    "payments": {
        "number": ("paymentnumber", "paymentid", "paymentno", "number", "id"),
        "customer": ("customerid", "customernumber", "customer", "client", "customername"),
        "received": ("received", "receivedon", "paymentdate", "date", "paidon", "datepaid"),
        "amount": ("amount", "paid", "amountpaid", "total", "sum"),
        "currency": ("currency", "currencycode", "ccy"),
        "method": ("method", "paymentmethod", "how"),
        "reference": ("reference", "ref", "memo"),
        "invoices": ("invoices", "invoice", "invoicenumber", "invoiceno", "invoicenumbers", "appliedto"),
        "withheld": ("withheld", "withholding", "withholdingtax", "taxwithheld", "keptback", "tds", "irpf"),
        "certificate": ("certificate", "certificatenumber", "withholdingcertificate"),
        "certificate_on": ("certificatedate", "certificateon"),
    },
}
# The same in German, Dutch, French, Spanish and Indonesian, without accents; they come after the English names.
_ABROAD = {
    "number": (
        "rechnungsnummer", "rechnungsnr", "belegnummer", "belegnr", "nr", "nummer", "factuurnummer", "factuurnr",
        "numerofacture", "numero", "facture", "numerofactura", "factura", "nomor", "nofaktur",
    ),
    "customer": (
        "kundennummer", "kundennr", "kunde", "debitor", "klantnummer", "klant", "debiteur", "client", "numeroclient", "cliente",
        "pelanggan",
    ),
    "name": ("firma", "kundenname", "naam", "klantnaam", "nom", "raisonsociale", "nombre", "razonsocial", "nama"),
    "contact": ("ansprechpartner", "contactpersoon", "interlocuteur", "contacto", "kontak"),
    "email": ("mailadresse", "emailadres", "courriel", "correo", "correoelectronico"),
    "issued": ("rechnungsdatum", "belegdatum", "datum", "factuurdatum", "datefacture", "fecha", "fechafactura", "tanggal"),
    "received": ("zahlungsdatum", "eingang", "betaaldatum", "datepaiement", "fechapago", "tanggalbayar", "datum", "fecha"),
    "due": ("faelligkeit", "falligkeit", "faelligam", "falligam", "vervaldatum", "echeance", "dateecheance", "vencimiento"),
    "amount": (
        "betrag", "bruttobetrag", "brutto", "gesamtbetrag", "summe", "bedrag", "totaal", "montant", "montantttc", "importe",
        "jumlah",
    ),
    "currency": ("wahrung", "waehrung", "valuta", "munt", "devise", "moneda", "matauang"),
    "terms": ("zahlungsbedingungen", "zahlungsziel", "betaaltermijn", "conditions", "condiciones", "termin"),
    "city": ("ort", "stadt", "plaats", "stad", "ville", "ciudad", "kota"),
    "post_code": ("plz", "postleitzahl", "codepostal", "codigopostal", "kodepos"),
    "country": ("land", "pays", "pais", "negara"),
    "street": ("strasse", "strae", "straat", "rue", "calle", "jalan"),
    "tax_id": ("ustid", "ustidnr", "btwnummer", "numerotva", "nif", "npwp"),
    "phone": ("telefon", "telefoon", "telefono", "telepon"),
}  # fmt: skip
NAMED, CONTENT, CHOICE = "by its name", "from its content", "your choice"


class Guess(NamedTuple):
    """`columns`: our words to headings, with why; `dates` and `decimal` are empty where the lines do not agree."""

    columns: dict[str, str]
    reasons: dict[str, str]
    dates: tuple[str, ...]
    dates_reason: str
    decimal: str
    thousands: str


def delimiter(head: str) -> str:
    """The sign that cuts the first lines into the same number of fields, the most of them; a comma where none does."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in head.splitlines()[:20] if line.strip()]
    best, most = ",", 0
    for sign in (",", ";", "\t", "|"):
        counts = {line.count(sign) for line in lines[:-1] or lines}
        if len(counts) == 1 and (count := counts.pop()) > most:
            best, most = sign, count
    return best


def encoding(content: bytes) -> str:
    """UTF-8 where it is, else what Windows writes."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def guess(headings: Sequence[str], rows: Sequence[Sequence[str]], holds: str = "invoices") -> Guess:
    """From the headings and the first SAMPLE rows; rows that are not as wide as the headings are passed over."""
    columns: dict[str, str] = {}
    reasons: dict[str, str] = {}
    values = {head: [row[at].strip() for row in rows if len(row) == len(headings)] for at, head in enumerate(headings)}
    _by_name(headings, columns, reasons, _HEADINGS_OF[holds])
    if holds == "invoices":
        _by_content(values, columns, reasons)
    return _with_signs(columns, reasons, values)


def signs(columns: dict[str, str], headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Guess:
    """How days and amounts are written, where the columns are known."""
    values = {head: [row[at].strip() for row in rows if len(row) == len(headings)] for at, head in enumerate(headings)}
    return _with_signs(columns, {}, values)


def _with_signs(columns: dict[str, str], reasons: dict[str, str], values: dict[str, list[str]]) -> Guess:
    dates, why = _dates([said for word in ("issued", "due", "received") for said in values.get(columns.get(word, ""), [])])
    decimal, thousands = _signs(values.get(columns.get("amount", ""), []))
    return Guess(columns, reasons, dates, why, decimal, thousands)


def _by_name(
    headings: Sequence[str], columns: dict[str, str], reasons: dict[str, str], called: Mapping[str, tuple[str, ...]]
) -> None:
    """The first heading that is called like the word, in the order of its names; each heading is used once."""
    plain = {re.sub(r"[^a-z0-9]", "", normalize("NFKD", heading.lower())): heading for heading in reversed(headings)}
    for word, names in called.items():
        found = next(
            (plain[name] for name in (*names, *_ABROAD.get(word, ())) if name in plain and plain[name] not in columns.values()),
            None,
        )
        if found is not None and headings.count(found) == 1:
            columns[word], reasons[word] = found, NAMED


def _by_content(values: dict[str, list[str]], columns: dict[str, str], reasons: dict[str, str]) -> None:
    """Addresses have an @; the column of days that comes first is the day of issue, the next one the due day."""
    free = [heading for heading in values if heading not in columns.values()]
    days = [heading for heading in free if _most(values[heading], _DATE)]
    wanted = [("email", [heading for heading in free if _most(values[heading], re.compile(r"[^@\s]+@[^@\s]+"))])]
    wanted += [("issued", days), ("due", [heading for heading in days if heading != columns.get("issued")])]
    for word, found in wanted:
        left = [heading for heading in found if heading not in columns.values()]
        if word not in columns and left:
            columns[word], reasons[word] = left[0], CONTENT
    left = [heading for heading in free if heading not in columns.values() and _most(values[heading], _AMOUNT)]
    if "amount" not in columns and left:
        columns["amount"], reasons["amount"] = left[-1], CONTENT


def _most(said: Sequence[str], pattern: re.Pattern[str]) -> bool:
    filled = [one for one in said if one]
    return bool(filled) and sum(pattern.fullmatch(one) is not None for one in filled) * 10 >= len(filled) * 9


def _dates(said: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The one order of day and month that no line contradicts, and the value that decided it."""
    found = [(match, one) for one in said if (match := _DATE.fullmatch(one))]
    if not found:
        return ("year-month-day",), ""
    sign = Counter(match[2] for match, _ in found).most_common(1)[0][0]
    if all(len(match[1]) == 4 for match, _ in found):
        return (f"year{sign}month{sign}day",), ""
    day_first = next((one for match, one in found if int(match[1]) > 12), None)
    month_first = next((one for match, one in found if int(match[3]) > 12), None)
    if day_first and not month_first:
        return (f"day{sign}month{sign}year",), f"day first, because of {day_first}"
    if month_first and not day_first:
        return (f"month{sign}day{sign}year",), f"month first, because of {month_first}"
    return (
        (),
        "day or month first: no line says which" if not day_first else f"{day_first} and {month_first} contradict each other",
    )


def _signs(said: Sequence[str]) -> tuple[str, str]:
    """(decimal, thousands) as most lines write them; ("", "") where a lone sign could be either in all of them."""
    votes: Counter[tuple[str, str]] = Counter()
    for one in said:
        last = max(one.rfind("."), one.rfind(","))
        if last < 0:
            continue
        other = "," if one[last] == "." else "."
        if other in one or len(one) - last - 1 != 3:
            votes[one[last], other if other in one else ""] += 1
    if not votes:
        return (".", "") if not any("." in one or "," in one for one in said) else ("", "")
    decimal = Counter({sign: sum(n for (d, _), n in votes.items() if d == sign) for sign in ".,"}).most_common(1)[0][0]
    thousands = next((t for (d, t), _ in votes.most_common() if d == decimal and t), "")
    return decimal, thousands or ("," if decimal == "." else ".")
