"""Decides which stage an invoice is in, and which verb may be done to it, from where, by whom, and what the customer hears."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Literal, NamedTuple, get_args

from goodterms.values.refusal import Refused

Stage = Literal["draft", "approved", "open", "overdue", "settled", "void"]
Role = Literal["owner", "bookkeeper", "approver", "receivables manager", "reader", "payer", "clock"]
STAGES: tuple[Stage, ...] = get_args(Stage)
ROLES: tuple[Role, ...] = get_args(Role)


class Facts(NamedTuple):
    """What is known of one invoice. Amounts are minor units of its currency; `due_on` is the day on the document by which
    all of it is to be paid, which no promise or extension moves: those are holds."""

    approved_at: datetime | None = None
    issued_on: date | None = None
    due_on: date | None = None
    voided_at: datetime | None = None
    total_minor: int = 0
    open_minor: int = 0
    credited_minor: int = 0
    delivered: bool = False  # it may have reached the customer
    held: bool = False
    disputed: bool = False
    question_open: bool = False


class Need(NamedTuple):
    """A condition beside the stage: `said` for the page, `refusal` for whoever does not meet it."""

    met: Callable[[Facts], bool]
    said: str
    refusal: str


class Verb(NamedTuple):
    """`deed` completes "may not …"; `moves` lists for each stage it may leave the stages it may lead to; `told` is what
    the customer hears, empty for nothing; `instead` what to do where the stage is wrong, over the advice for any verb."""

    deed: str
    moves: Mapping[Stage, tuple[Stage, ...]]
    by: tuple[Role, ...]
    told: str = ""
    needs: tuple[Need, ...] = ()
    instead: Mapping[Stage, str] = {}


def stage(facts: Facts, today: date) -> Stage:
    """The stage on `today`, the vendor's date. Its twins in SQL are the adjectives of the invoices' queryset."""
    if facts.voided_at is not None:
        return "void"
    if facts.issued_on is None:
        return "draft" if facts.approved_at is None else "approved"
    if facts.open_minor == 0:
        return "settled"
    return "overdue" if facts.due_on is not None and facts.due_on < today else "open"


def may(verb: str, facts: Facts, by_role: Role, today: date) -> Stage:
    """The stage in which `verb` finds the invoice; refuses, with what is so and what to do instead, when it may not be
    done there, or not by this role."""
    asked = VERBS[verb]
    if by_role not in asked.by:
        raise Refused(f"{_WHO[by_role]} may not {asked.deed}. {_ask_whom(asked, by_role)}", code="role")
    now = stage(facts, today)
    if now not in asked.moves:
        raise Refused(f"{_IS[now]} {asked.instead.get(now, _ADVICE[now])}", code=now)
    for need in asked.needs:
        if not need.met(facts):
            raise Refused(need.refusal, code="not_now")
    return now


_STAFF: tuple[Role, ...] = ("owner", "bookkeeper", "approver")
_BOOKS: tuple[Role, ...] = ("owner", "bookkeeper")
_CARE: tuple[Role, ...] = ("owner", "bookkeeper", "receivables manager")
_STAY: Mapping[Stage, tuple[Stage, ...]] = {"open": ("open",), "overdue": ("overdue",)}
_STAY_OR_SETTLED: Mapping[Stage, tuple[Stage, ...]] = {"open": ("open", "settled"), "overdue": ("overdue", "settled")}
_ANY_ISSUED: Mapping[Stage, tuple[Stage, ...]] = {**_STAY, "settled": ("settled",)}
# A customer who is asked before an invoice is issued may have a question about it.
_AT_ALL: Mapping[Stage, tuple[Stage, ...]] = {"draft": ("draft",), "approved": ("approved",), **_ANY_ISSUED}

_UNTOUCHED = Need(
    lambda facts: facts.open_minor == facts.total_minor and facts.credited_minor == 0,
    "nothing was paid or credited",
    "Something was paid or credited on this invoice. Write a credit note for the rest instead.",
)
_UNSEEN = Need(
    lambda facts: not facts.delivered,
    "it cannot have reached the customer",
    "This invoice may have reached the customer, so it stays. Write a credit note instead.",
)
_CREDITABLE = Need(
    lambda facts: facts.credited_minor < facts.total_minor or facts.total_minor == 0,  # what was paid ahead may be given back
    "less than all of it is credited",
    "All of this invoice is credited already. Write a new invoice if that was wrong.",
)
_PARTLY_SETTLED = Need(
    lambda facts: facts.open_minor < facts.total_minor,
    "something was settled",
    "Nothing was settled on this invoice, so there is nothing to take back. Look at the payment instead.",
)
_HELD = Need(
    lambda facts: facts.held, "it is held", "This invoice is not held. Reminders follow its cadence; hold it to stop them."
)
_NOT_HELD = Need(lambda facts: not facts.held, "it is not held", "This invoice is held. Read the reason, and release it first.")
_NO_DISPUTE = Need(
    lambda facts: not facts.disputed,
    "no dispute is open",
    "A dispute about this invoice is open. Settle it in its conversation first.",
)
_DISPUTED = Need(
    lambda facts: facts.disputed, "a dispute is open", "No dispute about this invoice is open. Look at its conversations."
)
_NO_QUESTION = Need(
    lambda facts: not facts.question_open,
    "we owe no answer",
    "The customer waits for our answer about this invoice. Answer first.",
)
_QUESTION = Need(
    lambda facts: facts.question_open,
    "we owe an answer",
    "No question about this invoice waits for an answer. Write a note instead.",
)

VERBS: Mapping[str, Verb] = {
    "edit": Verb("change a draft", {"draft": ("draft",)}, _STAFF, instead={"approved": "Send it back first, then change it."}),
    "approve": Verb("approve an invoice", {"draft": ("approved",)}, _STAFF, instead={"approved": "Issue it."}),
    "send back": Verb("send an invoice back", {"approved": ("draft",)}, _STAFF, instead={"draft": "Change it as it is."}),
    "discard": Verb("discard a draft", {"draft": ("void",), "approved": ("void",)}, _STAFF),
    "issue": Verb(
        "issue an invoice",
        {"approved": ("open", "overdue", "settled")},
        ("owner", "bookkeeper", "clock"),
        "The invoice, in the way they prefer.",
        instead={"draft": "Approve it first."},
    ),
    "send": Verb("send an invoice", _ANY_ISSUED, (*_CARE, "payer", "clock"), "The invoice, or a copy of it."),
    "void": Verb(
        "void an invoice",
        {"open": ("void",), "overdue": ("void",)},
        _BOOKS,
        needs=(_UNSEEN, _UNTOUCHED),
        instead={"draft": "Discard it.", "approved": "Discard it.", "settled": "Write a credit note instead."},
    ),
    "credit": Verb(
        "write a credit note",
        {**_STAY_OR_SETTLED, "settled": ("settled",)},
        _BOOKS,
        "The credit note, its reason, and what is still open.",
        (_CREDITABLE,),
    ),
    "allocate": Verb(
        "settle an invoice with money",
        _STAY_OR_SETTLED,
        ("owner", "bookkeeper", "payer", "clock"),
        "A receipt, with thanks.",
        instead={"settled": "Keep the money as credit, or return it."},
    ),
    "reverse": Verb(
        "take a settlement back",
        {**_STAY, "settled": ("open", "overdue")},
        ("owner", "bookkeeper", "clock"),
        "That the money went back, and what is open again.",
        (_PARTLY_SETTLED,),
    ),
    "write off": Verb("write an invoice off", _STAY_OR_SETTLED, _BOOKS),
    "charge": Verb(
        "charge a late fee",
        {"overdue": ("overdue",)},
        ("owner", "bookkeeper", "clock"),
        "The fee as agreed, and how it was worked out.",
        (_NOT_HELD, _NO_DISPUTE, _NO_QUESTION),
        {"open": "It is not late, so no late fee is due. Wait for its due day."},
    ),
    "hold": Verb("hold an invoice", {"approved": ("approved",), **_STAY}, (*_STAFF, "receivables manager")),
    "release": Verb(
        "release an invoice", {"approved": ("approved",), **_STAY}, (*_STAFF, "receivables manager"), needs=(_HELD,)
    ),
    "remind": Verb(
        "send a reminder",
        _STAY,
        (*_CARE, "clock"),
        "The reminder, with ways to pay, ask, object or have more time.",
        (_NOT_HELD, _NO_DISPUTE, _NO_QUESTION),
        {"settled": "Nothing is open on it, so there is nothing to be reminded of. Thank them instead."},
    ),
    "thank": Verb(
        "send thanks",
        {"settled": ("settled",)},
        (*_CARE, "clock"),
        "Thanks, and a receipt.",
        instead={"open": "Thank them once it is paid.", "overdue": "Thank them once it is paid."},
    ),
    "ask": Verb("ask a question", _AT_ALL, (*_CARE, "payer"), "That it arrived, and by when we answer."),
    "answer": Verb("answer a question", _AT_ALL, (*_STAFF, "receivables manager"), "The answer.", (_QUESTION,)),
    "dispute": Verb(
        "open a dispute",
        _STAY,
        (*_CARE, "payer"),
        "That we look into it, by when, and that no reminder comes meanwhile.",
        (_NO_DISPUTE,),
        {"settled": "Ask a question about it instead."},
    ),
    "resolve": Verb("close a dispute", _ANY_ISSUED, ("owner", "bookkeeper", "payer"), "What came of it.", (_DISPUTED,)),
    "promise": Verb("promise a payment", _STAY, (*_CARE, "payer"), "That we count on that day, and stay quiet until it."),
    "extend": Verb("grant more time", _STAY, ("owner", "bookkeeper", "payer"), "The new day, and that it costs nothing."),
    "plan": Verb("agree a payment plan", _STAY, ("owner", "bookkeeper", "payer"), "The plan, part by part."),
}
TIME: Mapping[Stage, tuple[Stage, ...]] = {"open": ("overdue",)}  # the due day passes: no verb, the clock alone

_IS: Mapping[Stage, str] = {
    "draft": "This invoice is still a draft.",
    "approved": "This invoice is approved and not yet issued.",
    "open": "This invoice is issued and open.",
    "overdue": "This invoice is issued and past its due day.",
    "settled": "This invoice is already settled.",
    "void": "This invoice is void.",
}
_ADVICE: Mapping[Stage, str] = {
    "draft": "Approve and issue it first.",
    "approved": "Issue it first.",
    "open": "What was issued stays as it is: write a credit note, and a new invoice.",
    "overdue": "What was issued stays as it is: write a credit note, and a new invoice.",
    "settled": "Nothing is open on it. If it was wrong, write a credit note.",
    "void": "Write a new invoice instead.",
}
_WHO: Mapping[Role, str] = {
    "owner": "An owner",
    "bookkeeper": "A bookkeeper",
    "approver": "An approver",
    "receivables manager": "A receivables manager",
    "reader": "A reader",
    "payer": "A payer",
    "clock": "The clock",
}


def _ask_whom(asked: Verb, by_role: Role) -> str:
    if by_role == "payer":
        return "Ask the vendor on your payment page."
    people = [_WHO[role].lower() for role in asked.by if role not in ("payer", "clock")]
    return f"Ask {' or '.join(people)}."
