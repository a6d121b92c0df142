"""Decides which reasons and wishes of a dispute a payer can choose, and how they are called in the payer's language."""

from django.utils.translation import gettext_lazy as _

# Codes of the Peppol Invoice Response (conversations.rules), the usual ones first.
REASONS = (
    ("QTY", _("Quantity")),
    ("DEL", _("Not delivered")),
    ("PRI", _("Price")),
    ("QUA", _("Quality")),
    ("ITM", _("Wrong item")),
    ("REF", _("PO or reference")),
    ("UNR", _("Not ordered")),
    ("PPD", _("Partly paid already")),
    ("PAY", _("Payment terms")),
    ("FIN", _("Discount, fee or interest")),
    ("LEG", _("Legal details")),
    ("REC", _("Sent to the wrong party")),
    ("OTH", _("Something else")),
)
WANTS = (
    ("", _("You decide")),
    ("CNP", _("Credit a part")),
    ("CNF", _("Credit all of it")),
    ("NIN", _("Send a new invoice")),
    ("PIN", _("Tell us more")),
    ("OTH", _("Something else")),
)
