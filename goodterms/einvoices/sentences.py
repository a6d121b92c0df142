"""Decides how a broken rule is said to people: what is wrong, and who can mend it. The official words stand beside it."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

US = "your own settings"
CUSTOMER = "the customer's details"
INVOICE = "this invoice"
SENDER = "the program that wrote it"


class Plain(NamedTuple):
    """Our words for a rule; empty where we have none. `mend`: where it can be mended."""

    says: str = ""
    mend: str = ""


def plain_words(rule: str) -> Plain:
    rule = _EXTENDED.sub("BR-", rule)
    found = _EXACT.get(rule)
    if found is None:
        found = next((words for pattern, words in _LIKE if fnmatchcase(rule, pattern)), None)
    return Plain(*found) if found else Plain()


# Factur-X EXTENDED words the rules of CEN anew and names them after them, but for those that have a number alone.
_EXTENDED = re.compile(r"^BR-FXEXT-(?:BR-)?(?=[A-Z]+-|(?<=BR-)[0-9])")
_EXACT = {
    "XSD": ("The file is not built as its schema says, so a program could not read it.", SENDER),
    "BR-01": ("It does not say which rules it follows.", SENDER),
    "BR-02": ("It has no number.", INVOICE),
    "BR-03": ("It has no day of issue.", INVOICE),
    "BR-04": ("It does not say whether it is an invoice or a credit note.", SENDER),
    "BR-05": ("It does not say its currency.", INVOICE),
    "BR-06": ("It does not say who sells.", US),
    "BR-07": ("It does not say who buys.", CUSTOMER),
    "BR-08": ("Your postal address is missing.", US),
    "BR-09": ("Your country is missing.", US),
    "BR-10": ("The customer's postal address is missing.", CUSTOMER),
    "BR-11": ("The customer's country is missing.", CUSTOMER),
    "BR-12": ("The sum of the lines is missing.", SENDER),
    "BR-13": ("The total without tax is missing.", SENDER),
    "BR-14": ("The total with tax is missing.", SENDER),
    "BR-15": ("What is to be paid is missing.", SENDER),
    "BR-16": ("It has no line.", INVOICE),
    "BR-17": ("Who is paid is another than who sells, and has no name.", US),
    "BR-21": ("A line has no number.", SENDER),
    "BR-22": ("A line has no quantity.", INVOICE),
    "BR-23": ("A line has no unit.", INVOICE),
    "BR-24": ("A line has no amount.", INVOICE),
    "BR-25": ("A line does not say what was sold.", INVOICE),
    "BR-26": ("A line has no price.", INVOICE),
    "BR-27": ("A price is below zero. Use a negative quantity, a discount or a credit note.", INVOICE),
    "BR-29": ("The period that it bills ends before it begins.", INVOICE),
    "BR-30": ("The period of a line ends before it begins.", INVOICE),
    "BR-31": ("An allowance has no amount.", INVOICE),
    "BR-32": ("An allowance does not say which tax it falls under.", INVOICE),
    "BR-33": ("An allowance does not say what it is for.", INVOICE),
    "BR-36": ("A charge has no amount.", INVOICE),
    "BR-37": ("A charge does not say which tax it falls under.", INVOICE),
    "BR-38": ("A charge does not say what it is for.", INVOICE),
    "BR-42": ("A discount on a line does not say what it is for.", INVOICE),
    "BR-44": ("A charge on a line does not say what it is for.", INVOICE),
    "BR-49": ("It asks to be paid without saying by which means.", US),
    "BR-50": ("It asks for a transfer without an account.", US),
    "BR-52": ("A document that comes with it has no reference.", INVOICE),
    "BR-53": ("It names a currency for its tax, but not the tax in that currency.", INVOICE),
    "BR-55": ("It refers to an earlier invoice without its number.", INVOICE),
    "BR-57": ("The country of the place of delivery is missing.", CUSTOMER),
    "BR-61": ("It asks for a transfer without an account number. Add your IBAN.", US),
    "BR-62": ("Your electronic address does not say in which scheme it is.", US),
    "BR-63": ("The customer's electronic address does not say in which scheme it is.", CUSTOMER),
    "BR-CO-03": ("It says both a day and an event at which tax falls due; only one can be.", INVOICE),
    "BR-CO-04": ("A line does not say which tax it falls under.", INVOICE),
    "BR-CO-09": ("A VAT number does not begin with the code of its country.", US),
    "BR-CO-10": ("The lines do not add up to their sum.", SENDER),
    "BR-CO-11": ("The allowances do not add up to their sum.", SENDER),
    "BR-CO-12": ("The charges do not add up to their sum.", SENDER),
    "BR-CO-13": ("The total without tax is not the lines less allowances plus charges.", SENDER),
    "BR-CO-14": ("The taxes do not add up to the tax in all.", SENDER),
    "BR-CO-15": ("The total with tax is not the total without tax plus the tax.", SENDER),
    "BR-CO-16": ("What is to be paid is not the total less what was paid.", SENDER),
    "BR-CO-17": ("A tax is not its rate of the amount that it is on.", SENDER),
    "BR-CO-18": ("It does not say how its tax comes about.", SENDER),
    "BR-CO-25": ("Something is to be paid, but neither the due day nor the terms are said.", INVOICE),
    "BR-CO-26": ("It does not say who you are for the tax office: add your VAT number or registration.", US),
    "BR-CL-03": ("A currency code is not one of ISO 4217.", INVOICE),
    "BR-CL-04": ("The currency is not one of ISO 4217.", INVOICE),
    "BR-CL-14": ("A country code is not one of ISO 3166.", US),
    "BR-CL-16": ("The code of the means of payment is not known.", US),
    "BR-CL-22": ("The code that says why there is no tax is not known (VATEX).", INVOICE),
    "BR-CL-23": ("The unit of a line is not one that programs know (UN/ECE 20 and 21).", INVOICE),
    "BR-CL-25": ("The scheme of an electronic address is not known (EAS).", CUSTOMER),
    "BR-DE-1": ("XRechnung asks how it can be paid, and nothing is said.", US),
    "BR-DE-2": ("XRechnung asks for somebody at your side who can be asked: name, telephone and e-mail.", US),
    "BR-DE-3": ("XRechnung asks for your town.", US),
    "BR-DE-4": ("XRechnung asks for your post code.", US),
    "BR-DE-5": ("XRechnung asks for the name of somebody at your side.", US),
    "BR-DE-6": ("XRechnung asks for a telephone number at your side.", US),
    "BR-DE-7": ("XRechnung asks for an e-mail address at your side.", US),
    "BR-DE-8": ("XRechnung asks for the customer's town.", CUSTOMER),
    "BR-DE-9": ("XRechnung asks for the customer's post code.", CUSTOMER),
    "BR-DE-10": ("XRechnung asks for the town of the place of delivery.", CUSTOMER),
    "BR-DE-11": ("XRechnung asks for the post code of the place of delivery.", CUSTOMER),
    "BR-DE-14": ("XRechnung asks for the rate of each tax, also where it is 0.", INVOICE),
    "BR-DE-15": ("XRechnung asks for the customer's reference (Leitweg-ID). Ask the customer for it.", CUSTOMER),
    "BR-DE-16": ("XRechnung asks for your VAT number or tax number.", US),
    "BR-DE-17": ("XRechnung does not know this type of document.", SENDER),
    "BR-DE-18": ("The early discount is not written as XRechnung has it (#SKONTO#TAGE=…#PROZENT=…#).", INVOICE),
    "BR-DE-19": ("Your IBAN is not one: its check digits do not fit.", US),
    "BR-DE-20": ("The IBAN that is collected from is not one: its check digits do not fit.", CUSTOMER),
    "BR-DE-21": ("It does not name XRechnung as the rules that it follows.", SENDER),
    "BR-DE-22": ("Two documents that come with it have the same file name.", INVOICE),
    "BR-DE-23-a": ("It asks for a transfer without naming the account.", US),
    "BR-DE-23-b": ("It asks for a transfer, and names a card or a mandate as well.", INVOICE),
    "BR-DE-24-a": ("It says that a card pays, without naming the card.", INVOICE),
    "BR-DE-25-a": ("It says that it will be collected, without naming the mandate.", INVOICE),
    "BR-DE-26": ("A corrected invoice does not say which it corrects.", INVOICE),
    "BR-DE-27": ("Your telephone number has fewer than three figures.", US),
    "BR-DE-28": ("Your e-mail address is not one.", US),
    "BR-DE-30": ("It will be collected, but the number by which SEPA knows you is missing.", US),
    "BR-DE-31": ("It will be collected, but the account that is debited is missing.", CUSTOMER),
    "PEPPOL-EN16931-R001": ("Peppol asks which process it belongs to.", SENDER),
    "PEPPOL-EN16931-R002": ("Peppol takes one note on a document, and this has more.", SENDER),
    "PEPPOL-EN16931-R003": ("Peppol asks for the customer's reference or purchase order. Ask the customer for it.", CUSTOMER),
    "PEPPOL-EN16931-R004": ("It does not name Peppol BIS Billing 3 as the rules that it follows.", SENDER),
    "PEPPOL-EN16931-R007": ("Peppol does not know the process that it names.", SENDER),
    "PEPPOL-EN16931-R008": ("It has an element with nothing in it.", SENDER),
    "PEPPOL-EN16931-R010": ("Peppol needs the customer's electronic address to deliver it.", CUSTOMER),
    "PEPPOL-EN16931-R020": ("Peppol needs your electronic address.", US),
    "PEPPOL-EN16931-R040": ("The amount of an allowance or charge is not its percentage of its base.", INVOICE),
    "PEPPOL-EN16931-R041": ("An allowance or charge has a percentage without the amount that it is of.", INVOICE),
    "PEPPOL-EN16931-R042": ("An allowance or charge has a base without a percentage.", INVOICE),
    "PEPPOL-EN16931-R046": ("A price is not its price before discount less the discount.", INVOICE),
    "PEPPOL-EN16931-R051": ("An amount is in another currency than the invoice.", SENDER),
    "PEPPOL-EN16931-R061": ("It says that it will be collected, without the number of the mandate.", INVOICE),
    "PEPPOL-EN16931-R120": ("The amount of a line is not quantity times price, less discount.", SENDER),
    "PEPPOL-EN16931-CL008": ("The scheme of an electronic address is not one that Peppol knows (EAS).", CUSTOMER),
}
_LIKE = (
    ("BR-DEC-*", ("An amount has more than two digits after the point.", INVOICE)),
    ("BR-CL-*", ("A code is not one of the list that the standard names.", SENDER)),
    ("BR-AE-0[234]", ("Reverse charge needs your VAT number and the customer's.", CUSTOMER)),
    ("BR-AE-10", ("Reverse charge has to say so in words or by its code.", INVOICE)),
    ("BR-IC-0[234]", ("A supply within the Community needs your VAT number and the customer's.", CUSTOMER)),
    ("BR-IC-1[12]", ("A supply within the Community needs the day or period, and the country, of its delivery.", INVOICE)),
    ("BR-IC-10", ("A supply within the Community has to say why there is no tax.", INVOICE)),
    ("BR-E-10", ("What is exempt has to say why.", INVOICE)),
    ("BR-G-10", ("An export has to say why there is no tax.", INVOICE)),
    ("BR-O-10", ("What is outside the scope of tax has to say so.", INVOICE)),
    ("BR-O-0[234]", ("What is outside the scope of tax names no VAT number.", INVOICE)),
    ("BR-O-1[1234]", ("What is outside the scope of tax stands on an invoice of its own.", INVOICE)),
    ("BR-G-0[234]", ("An export without tax needs your VAT number.", US)),
    ("BR-[EZLM]*-0[234]", ("What is sold without tax or at a rate of its own needs your VAT number or tax number.", US)),
    ("NL-R-*", ("A rule of Peppol for Dutch sellers does not hold.", US)),
    ("[A-Z][A-Z]-R-*", ("A rule of Peppol for sellers of one country does not hold.", US)),
    ("BR-S-0[234]", ("Tax is charged, so your VAT number or tax number has to be there.", US)),
    ("BR-[SZEGKLMO]*-01", ("The taxes of the lines and of the summary do not belong together.", SENDER)),
    ("BR-[A-Z]*-08*", ("The amount that a tax is on is not the sum of its lines.", SENDER)),
    ("BR-[A-Z]*-09*", ("A tax is not its rate of the amount that it is on.", SENDER)),
    ("BR-[A-Z]*-05", ("The rate of a line does not go with its kind of tax.", INVOICE)),
    ("FX-SCH-A-*", ("Something has no place in this profile of Factur-X, or is missing from it.", SENDER)),
    ("PEPPOL-EN16931-CL*", ("A code is not one of the list that Peppol names.", SENDER)),
    ("DE-R-*", ("A rule of Peppol for German sellers does not hold.", US)),
    ("UBL-*", ("Something stands in it that the standard leaves out.", SENDER)),
    ("CII-*", ("Something stands in it that the standard leaves out.", SENDER)),
)
