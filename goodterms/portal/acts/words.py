"""Decides which reasons and wishes of a dispute a payer can choose, and how they are called in the payer's language."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

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
# Sentences of the rules of conversations, named here once more for those who translate them.
SENTENCES = (
    gettext_noop("There is nothing in this message yet."),
    gettext_noop("This is longer than 10000 characters."),
    gettext_noop("This invoice is disputed already; add your words to that conversation."),
    gettext_noop("Please say in a few words what it is."),
    gettext_noop("Please say what was paid, and when."),
    gettext_noop("You asked for more time already; the answer is on its way."),
    gettext_noop("Nothing is open on this invoice, so it needs no more time. Thank you."),
    gettext_noop("Nothing is open on this invoice, so there is nothing left to promise. Thank you."),
    gettext_noop("You changed this day once already. For another one, please ask for more time."),
    gettext_noop("The first part is above nothing and below what is open; the rest is the second."),
    gettext_noop("The rest follows the first part: name a later day for it."),
    gettext_noop("That day is still to come; promise the payment instead."),
    gettext_noop("That is more than a year ago; please ask us about it."),
    gettext_noop("Name a day within a year; for longer, let us agree on instalments."),
    gettext_noop("Name the person who deals with it."),
    gettext_noop("Nothing of this invoice is said to be paid."),
    gettext_noop("No promise about this invoice is running."),
    gettext_noop("This conversation is settled already."),
)
