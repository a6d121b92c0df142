"""The day, as one ordered list, read from top to bottom. Each step finds what is due from the facts and may be run twice."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.billing.due import bill as bill_what_is_due
from goodterms.conversations.due import judge_plans, judge_promises
from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import tell_owners
from goodterms.delivery.channels.carrier import mail, printer
from goodterms.delivery.due import close_doubts, send
from goodterms.delivery.models import Letter
from goodterms.interactions.due import seal
from goodterms.invoicing.due import follow_up, issue_on_their_day, make_wanted_papers, post_waiting
from goodterms.papers.press import printed
from goodterms.parties.due import use_confirmed_banks
from goodterms.parties.models import Vendor
from goodterms.payments.due import listen
from goodterms.relationship.due import ask, thank, welcome
from goodterms.reminders import due as reminders
from goodterms.reminders.actions import still_due, withdraw


class Run(NamedTuple):
    """One day of one vendor. `vendors` are all that share its payers and its clock, itself among them."""

    vendor: UUID
    vendors: Sequence[UUID]
    on: date
    now: datetime  # when the day is decided
    clock: Callable[[], datetime]  # read again at each mark before a dot
    progress: reminders.Progress | None = None
    until: datetime | None = None  # the end of a day that is run in one go; without it, only what is due at `now`
    in_turn: bool = False  # every vendor has its turn, so each counts its own invoices and no other's


Found = Counter[str]  # counts by word; held reasons as "held:reason"


def use_banks(run: Run) -> Found:
    """Bank details that a second person confirmed two days ago, before any document carries the old ones; owners hear of it."""
    with acting_for([run.vendor]):
        used = use_confirmed_banks(vendor_id=run.vendor, now=run.now)
        return Counter(banks=used, owners_told=tell_owners(vendor_id=run.vendor, now=run.now))


def hear_of_payments(run: Run) -> Found:
    """What providers told of payments and was not worked yet, before anybody is judged or reminded."""
    return listen(vendor_id=run.vendor, at=run.clock(), now=run.now)


def judge(run: Run) -> Found:
    """Promises whose day has passed, and plans whose part has, or which are paid."""
    given: dict[str, Any] = {"vendor_id": run.vendor, "today": run.on, "now": run.now}
    with acting_for(run.vendors):
        promises = {f"promises:{word}": n for word, n in judge_promises(**given).items()}
        return Counter({**promises, **{f"plans:{word}": n for word, n in judge_plans(**given).items()}})


def bill(run: Run) -> Found:
    """What is billed again and again, where a period is due."""
    return bill_what_is_due(vendor_id=run.vendor, today=run.on, now=run.now)


def issue_planned(run: Run) -> Found:
    """Approved invoices for which somebody chose this day."""
    return issue_on_their_day(vendor_id=run.vendor, today=run.on, now=run.now)


def wait_for_words(run: Run) -> Found:
    """Invoices about which their customers were asked first: asked once more, or issued where silence counts as a yes."""
    return follow_up(vendor_id=run.vendor, today=run.on, now=run.now)


def take_back(run: Run) -> Found:
    """Reminders that are no longer true, before they leave."""
    with acting_for(run.vendors):
        return Counter(withdrawn=withdraw(on=run.on, now=run.now))


def plan(run: Run) -> Found:
    """Who should hear from us today."""
    outcome = reminders.nominate(
        vendors=run.vendors,
        vendor=run.vendor,
        on=run.on,
        now=run.now,
        until=run.until,
        progress=run.progress,
        counted=run.vendor if run.in_turn else None,
    )
    held = {f"held:{reason}": count for reason, count in outcome.held.items()}
    return Counter({"nominated": outcome.nominated, "notices": outcome.notices, **held})


def give_thanks(run: Run) -> Found:
    """A receipt with thanks for each payment that has none."""
    return Counter(thanked=thank(vendor_id=run.vendor, vendors=run.vendors, now=run.now))


def ask_how_it_was(run: Run) -> Found:
    """The one question, where it may be asked."""
    return Counter(asked=ask(vendor_id=run.vendor, vendors=run.vendors, now=run.now))


def make_papers(run: Run) -> Found:
    """The PDF of whatever was issued and has none, once and for good, before its letter takes it along."""
    return Counter(papers=make_wanted_papers(vendor_id=run.vendor, now=run.now))


def send_documents(run: Run) -> Found:
    """Letters for what was issued and is on its way, at the hours of whoever gets them."""
    return Counter(documents=post_waiting(vendor_id=run.vendor, now=run.now))


def welcome_the_new(run: Run) -> Found:
    """The welcome packet for new customers, where the vendor wants it sent by itself."""
    return Counter(welcomed=welcome(vendor_id=run.vendor, now=run.now))


def send_letters(run: Run) -> Found:
    """Whatever is ready, each once; in a day that is run in one go also what is ready later, when its hour comes."""
    tally: Counter[str] = Counter()
    with acting_for([run.vendor]):
        is_sandbox = Vendor.objects.filter(id=run.vendor, sandbox_now__isnull=False).exists()
    for clock in _clocks(run):
        for carrier, done in ((mail(is_sandbox), "sent"), (printer(printed), "printed")):
            found = send(vendors=run.vendors, carrier=carrier, clock=clock, recheck=still_due)
            tally.update({done: found["accepted"], "rejected": found["rejected"], "retried": found["retry"]})
    return tally


def _clocks(run: Run) -> Iterator[Callable[[], datetime]]:
    yield run.clock
    if run.until is None:
        return
    with acting_for(run.vendors):
        later = Letter.objects.filter(is_moving=True, state="ready", not_before__gt=run.now, not_before__lt=run.until)
        instants = sorted(set(later.values_list("not_before", flat=True)))
    for at in instants:
        yield lambda at=at: at  # type: ignore[misc]


def settle_doubts(run: Run) -> Found:
    """Doubts that are too old to be resolved; those of the vendor that stand are counted."""
    close_doubts(vendors=run.vendors, now=run.now)
    with acting_for(run.vendors):
        return Counter(doubts=Letter.objects.filter(is_in_doubt=True, vendors__contains=[run.vendor]).count())


def seal_log(run: Run) -> Found:
    """The hash chain over what was recorded."""
    with acting_for([run.vendor]):
        seal(vendor_id=run.vendor)
    return Counter()


THE_DAY: tuple[Callable[[Run], Found], ...] = (
    use_banks,
    hear_of_payments,
    judge,
    bill,
    issue_planned,
    wait_for_words,
    take_back,
    make_papers,
    welcome_the_new,
    send_documents,
    plan,
    give_thanks,
    ask_how_it_was,
    send_letters,
    settle_doubts,
    seal_log,
)


def run_day(run: Run) -> Found:
    """All steps of the day, in order; counts of all of them."""
    found: Found = Counter()
    for step in THE_DAY:
        found.update(step(run))
    return found


def report(on: date, found: Found) -> dict[str, Any]:
    """What `goodterms day --json` prints."""
    held = {word.removeprefix("held:"): count for word, count in sorted(found.items()) if word.startswith("held:")}
    counts = {word: found[word] for word in ("notices", "sent", "printed", "doubts")}
    return {"on": on.isoformat(), "nominated": found["nominated"], "held": held, **counts}
