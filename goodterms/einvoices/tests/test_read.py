"""What a file says and the model cannot carry is told: by its number where it has one, else by its path."""

from decimal import Decimal

import pytest

from goodterms.einvoices import documents
from goodterms.einvoices.read import Lost
from goodterms.einvoices.tests.hostile import OPEN
from goodterms.values.refusal import Refused

CII = (
    '<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" '
    'xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" '
    'xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">{}</rsm:CrossIndustryInvoice>'
)

OTHER_CURRENCY = (
    "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cac:LegalMonetaryTotal>"
    '<cbc:PayableAmount currencyID="USD">1</cbc:PayableAmount></cac:LegalMonetaryTotal>'
)
OTHER_TAX = (
    "<cac:InvoiceLine><cac:Item><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cac:TaxScheme><cbc:ID>GST</cbc:ID>"
    "</cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item></cac:InvoiceLine>"
)
TWO_MEANS = "".join(
    f"<cac:PaymentMeans><cbc:PaymentMeansCode>{code}</cbc:PaymentMeansCode></cac:PaymentMeans>" for code in (58, 48)
)


def ubl(inside: str) -> documents.Reading:
    return documents.read(f"{OPEN}{inside}</Invoice>".encode())


def lost(inside: str) -> list[tuple[str, str, str]]:
    return [(each.term, each.path.partition("/")[2], each.value) for each in ubl(inside).lost]


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<cbc:UUID>7</cbc:UUID>", ("", "cbc:UUID", "7")),
        ("<cac:Signature><cbc:ID>me</cbc:ID></cac:Signature>", ("", "cac:Signature/cbc:ID", "me")),
        ("<cbc:ID>1</cbc:ID><cbc:ID>2</cbc:ID>", ("BT-1", "cbc:ID", "2")),
        ("<cbc:IssueDate>soon</cbc:IssueDate>", ("BT-2", "cbc:IssueDate", "soon")),
        ("<cbc:IssueDate>2026-02-30</cbc:IssueDate>", ("BT-2", "cbc:IssueDate", "2026-02-30")),
        ('<cbc:ID schemeID="X">1</cbc:ID>', ("", "cbc:ID/@schemeID", "X")),
        ("<cbc:ID><b>1</b></cbc:ID>", ("", "cbc:ID/b", "1")),
        (
            "<cac:LegalMonetaryTotal><cbc:PayableAmount>1e9</cbc:PayableAmount></cac:LegalMonetaryTotal>",
            ("BT-115", "cac:LegalMonetaryTotal/cbc:PayableAmount", "1e9"),
        ),
        (
            "<cac:LegalMonetaryTotal><cbc:PayableAmount>NaN</cbc:PayableAmount></cac:LegalMonetaryTotal>",
            ("BT-115", "cac:LegalMonetaryTotal/cbc:PayableAmount", "NaN"),
        ),
        (OTHER_CURRENCY, ("BT-115", "cac:LegalMonetaryTotal/cbc:PayableAmount/@currencyID", "USD")),
        (OTHER_TAX, ("", "cac:InvoiceLine/cac:Item/cac:ClassifiedTaxCategory/cac:TaxScheme/cbc:ID", "GST")),
        (TWO_MEANS, ("BT-81", "cac:PaymentMeans/cbc:PaymentMeansCode", "48")),
        (
            "<cac:Attachment><x/></cac:Attachment>",
            ("", "cac:Attachment/x", ""),
        ),
    ],
)  # fmt: skip
def test_it_is_told(inside: str, told: tuple[str, str, str]) -> None:
    assert lost(inside) == [told]


def test_nothing_is_told_where_nothing_is_lost() -> None:
    read = ubl(
        "<cbc:ID>VP-1</cbc:ID><cbc:IssueDate>2026-11-16Z</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
        '<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR"> 12.50 </cbc:PayableAmount></cac:LegalMonetaryTotal>'
    )
    assert read.lost == ()
    assert read.invoice.number == "VP-1"
    assert str(read.invoice.issued_on) == "2026-11-16"
    assert read.invoice.sums is not None
    assert read.invoice.sums.payable == Decimal("12.50")


def test_a_charge_on_a_price_is_not_read_as_a_discount() -> None:
    read = ubl(
        "<cac:InvoiceLine><cac:Price><cbc:PriceAmount>10</cbc:PriceAmount><cac:AllowanceCharge>"
        "<cbc:ChargeIndicator>true</cbc:ChargeIndicator><cbc:Amount>2</cbc:Amount></cac:AllowanceCharge></cac:Price></cac:InvoiceLine>"
    )
    assert read.invoice.lines[0].price is not None
    assert read.invoice.lines[0].price.discount is None
    assert [each.value for each in read.lost] == ["true", "2"]


def test_an_indicator_may_be_a_figure() -> None:
    read = ubl(
        "<cac:AllowanceCharge><cbc:ChargeIndicator>1</cbc:ChargeIndicator><cbc:Amount>2</cbc:Amount></cac:AllowanceCharge>"
        "<cac:AllowanceCharge><cbc:ChargeIndicator>0</cbc:ChargeIndicator><cbc:Amount>3</cbc:Amount></cac:AllowanceCharge>"
    )
    assert [each.amount for each in read.invoice.charges] == [Decimal(2)]
    assert [each.amount for each in read.invoice.allowances] == [Decimal(3)]


def test_a_sales_order_alone_has_no_purchase_order() -> None:
    read = ubl("<cac:OrderReference><cbc:ID>NA</cbc:ID><cbc:SalesOrderID>S-1</cbc:SalesOrderID></cac:OrderReference>")
    assert (read.invoice.purchase_order, read.invoice.sales_order, read.lost) == ("", "S-1", ())
    again = documents.read(documents.write(read.invoice, "ubl"))
    assert again.invoice == read.invoice
    assert ubl("<cac:OrderReference><cbc:ID>NA</cbc:ID></cac:OrderReference>").invoice.purchase_order == "NA"


def test_a_note_of_ubl_carries_its_code() -> None:
    notes = ubl("<cbc:Note>#AAI#Thank you</cbc:Note><cbc:Note>#1 of all</cbc:Note>").invoice.notes
    assert [(each.subject_code, each.text) for each in notes] == [("AAI", "Thank you"), ("", "#1 of all")]


def test_a_day_in_another_format_of_cii_is_told_and_not_guessed() -> None:
    read = documents.read(
        CII.format(
            '<rsm:ExchangedDocument><ram:IssueDateTime><udt:DateTimeString format="610">202611</udt:DateTimeString>'
            "</ram:IssueDateTime></rsm:ExchangedDocument>"
        ).encode()
    )
    assert read.invoice.issued_on is None
    assert [(each.term, each.value) for each in read.lost] == [("BT-2", "202611"), ("", "610")]


def test_what_of_extended_the_model_does_not_carry_is_told_by_its_number() -> None:
    read = documents.read(
        CII.format(
            "<rsm:SupplyChainTradeTransaction><ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
            "<ram:LineID>1</ram:LineID><ram:ParentLineID>7</ram:ParentLineID></ram:AssociatedDocumentLineDocument>"
            "</ram:IncludedSupplyChainTradeLineItem><ram:ApplicableHeaderTradeSettlement><ram:SpecifiedLogisticsServiceCharge>"
            "<ram:Description>Carriage</ram:Description><ram:AppliedAmount>5.80</ram:AppliedAmount></ram:SpecifiedLogisticsServiceCharge>"
            "<ram:SpecifiedTradePaymentTerms><ram:Description>In parts</ram:Description></ram:SpecifiedTradePaymentTerms>"
            "<ram:SpecifiedTradePaymentTerms><ram:Description>Half</ram:Description><ram:PartialPaymentAmount>50</ram:PartialPaymentAmount>"
            "<ram:ApplicableTradePaymentDiscountTerms><ram:CalculationPercent>3</ram:CalculationPercent></ram:ApplicableTradePaymentDiscountTerms>"
            "</ram:SpecifiedTradePaymentTerms><ram:SpecifiedAdvancePayment><ram:PaidAmount>9</ram:PaidAmount></ram:SpecifiedAdvancePayment>"
            "</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction>"
        ).encode()
    )
    assert [(each.term, each.value) for each in read.lost] == [
        ("BT-X-304", "7"), ("BG-X-42", "Carriage"), ("BG-X-42", "5.80"), ("BG-X-44", "3"),
    ]  # fmt: skip
    assert {each.why for each in read.lost} == {"the model of EN 16931 has no place for it"}
    assert [(each.text, each.amount) for each in read.invoice.instalments] == [("Half", Decimal(50))]
    assert read.invoice.payment_terms == "In parts"
    assert [each.amount for each in read.invoice.advances] == [Decimal(9)]


def test_two_descriptions_of_terms_are_both_told() -> None:
    terms = "<ram:SpecifiedTradePaymentTerms><ram:Description>{}</ram:Description></ram:SpecifiedTradePaymentTerms>"
    settlement = (
        f"<ram:ApplicableHeaderTradeSettlement>{terms.format('A')}{terms.format('B')}</ram:ApplicableHeaderTradeSettlement>"
    )
    read = documents.read(
        CII.format(f"<rsm:SupplyChainTradeTransaction>{settlement}</rsm:SupplyChainTradeTransaction>").encode()
    )
    assert read.invoice.payment_terms == "A"
    assert [(each.term, each.value) for each in read.lost] == [("BT-20", "B")]


def test_a_loss_is_said_in_one_line() -> None:
    said = Lost("BT-81", "Invoice/cac:PaymentMeans", "48", "there can be one, and another came before")
    assert str(said) == "BT-81, Invoice/cac:PaymentMeans (48): there can be one, and another came before"
    assert str(Lost("", "Invoice/x", "", "no term")) == "Invoice/x: no term"


def test_what_is_no_invoice_is_refused_in_a_sentence() -> None:
    with pytest.raises(Refused, match=r"'Invoice' is not an electronic invoice. UBL, CII and PDFs with one inside are read"):
        documents.read(b"<Invoice/>")
