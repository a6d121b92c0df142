"""Who is who: vendors and members, customers and contacts, payers, and how each wants to be treated."""

from datetime import datetime, time
from typing import Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from goodterms.parties.rules import FORMATS, ROLES, Viewer, Wishes, said

TONES = [("informal", "informal"), ("neutral", "neutral"), ("formal", "formal")]
CHANNELS = [("email", "e-mail"), ("post", "post"), ("portal", "portal"), ("call", "call")]
BILLED_BY = [("customer", "one invoice over all projects"), ("project", "one invoice for each project")]
BREAKDOWNS = [
    ("items", "a line for each item"),
    ("rates", "a line for each project and rate"),
    ("people", "a line for each project, person and rate"),
    ("teams", "a line for each project, team and rate"),
    ("projects", "a line for each project"),
]


class ForPrograms(models.Model):
    """What a program has to know of a party and a person reads in the address anyway (EN 16931). Empty: not said."""

    street = models.TextField(default="", db_default="", blank=True)
    city = models.TextField(default="", db_default="", blank=True)
    post_code = models.TextField(default="", db_default="", blank=True)
    region = models.TextField(default="", db_default="", blank=True)
    endpoint_scheme = models.CharField(max_length=4, default="", db_default="", blank=True)  # EAS, such as 0088 or EM
    endpoint_id = models.TextField(default="", db_default="", blank=True)  # where electronic invoices are delivered to

    class Meta:
        abstract = True


class Vendor(ForPrograms):
    """The business that is owed money (a tenant)."""

    id = models.UUIDField(primary_key=True)
    slug = models.SlugField(unique=True)
    name = models.TextField()
    legal_name = models.TextField(default="")
    email = models.EmailField()
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    timezone = models.TextField()
    language = models.CharField(max_length=8, default="en")
    tone = models.CharField(max_length=8, choices=TONES, default="neutral")
    address = models.TextField(default="")
    tax_id = models.TextField(default="")
    bank = models.JSONField(default=dict)  # {"name", "iban", "bic"}: copied into each document at issue
    sender = models.TextField(default="")  # who signs letters, such as "Tom Okafor"
    opens_at = models.TimeField(default=time(9))
    closes_at = models.TimeField(default=time(17))
    answer_hours = models.PositiveSmallIntegerField(default=4)  # our word: business hours to a first answer
    feed_days_max = models.PositiveSmallIntegerField(null=True)  # reminders stop when payments were last read longer ago
    extension_days_max = models.PositiveSmallIntegerField(default=14)  # more time granted at once, up to this
    plan_parts_max = models.PositiveSmallIntegerField(default=3, db_default=3)  # a plan is agreed at once up to so many parts,
    plan_days_max = models.PositiveSmallIntegerField(default=92, db_default=92)  # the last of them within so many days,
    plan_minor_max = models.BigIntegerField(null=True)  # and up to this sum of the vendor's currency; NULL: any sum
    four_eyes = models.BooleanField(default=False, db_default=False)  # whoever wrote an invoice does not approve it
    welcomes = models.BooleanField(default=False, db_default=False)  # new customers are sent the welcome packet by themselves
    # A customer is asked before an invoice that is more than expected by over so many per cent (NULL: nobody is asked) and by
    # over so much of the vendor's currency; where nobody answers for so many days, it is issued (NULL: never by itself).
    forewarn_percent = models.PositiveSmallIntegerField(null=True, default=10, db_default=10)
    forewarn_minor = models.BigIntegerField(default=5_000, db_default=5_000)
    silence_days = models.PositiveSmallIntegerField(null=True)
    sandbox_now = models.DateTimeField(null=True)  # a sandbox has its own clock, which can be moved
    created_at = models.DateTimeField()


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=username)


class Person(AbstractBaseUser):
    """Somebody who may sign in to the desk; what they may do there is a Member's role."""

    id = models.UUIDField(primary_key=True)
    email = models.EmailField(unique=True)
    name = models.TextField()
    is_active = models.BooleanField(default=True)
    single_keys = models.BooleanField(default=True)  # whether letters on the keyboard act at the desk

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = PersonManager()


class Member(models.Model):
    """A person at work for a vendor, in one role."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role, role) for role in ROLES])
    approves_up_to_minor = models.BigIntegerField(null=True)
    since_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "person"], name="member_once")]


class Invitation(models.Model):
    """A link by which a member sets a first password, once; only the hash of its secret is kept."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, db_constraint=False, related_name="invitations")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    by_operator = models.BooleanField(default=False)  # who runs the installation may speak for every vendor in it
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class BankChangeQuerySet(models.QuerySet["BankChange"]):
    def open(self) -> Self:
        return self.filter(used_at=None, stopped_at=None)

    def due(self, now: datetime) -> Self:
        return self.open().filter(from_at__lte=now)


class BankChange(models.Model):
    """Other bank details, asked for by one person, confirmed by a second, used from two days later on."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    bank = models.JSONField()
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    from_at = models.DateTimeField(null=True)  # not used before
    stopped_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)  # since then documents carry it

    objects = BankChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor"], condition=Q(stopped_at=None, used_at=None), name="bank_change_one_open"),
        ]


class ApiKey(models.Model):
    """What a program shows to act for a vendor; only its hash is kept."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    name = models.TextField()
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.TextField())
    created_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)


class Preferences(models.Model):
    """How somebody wants to be treated. NULL or empty means: they did not say."""

    language = models.CharField(max_length=8, default="", blank=True)
    tone = models.CharField(max_length=8, choices=TONES, default="", blank=True)
    country = models.CharField(max_length=2, default="", blank=True)  # whose public holidays they keep
    timezone = models.TextField(default="", blank=True)
    quiet_weekdays = ArrayField(models.SmallIntegerField(), default=list)  # ISO: Monday is 1
    quiet_ranges = models.JSONField(default=list)  # [["2026-12-21", "2027-01-04"], …], both days included
    hours_from = models.TimeField(null=True)
    hours_to = models.TimeField(null=True)
    contacts_max = models.PositiveSmallIntegerField(null=True)  # at most so many …
    contacts_days = models.PositiveSmallIntegerField(null=True)  # … in so many days, over all vendors and channels

    class Meta:
        abstract = True

    def wishes(self) -> Wishes:
        return said(*(getattr(self, column) for column in PREFERENCES))


PREFERENCES = [field.name for field in Preferences._meta.local_fields]  # in the order that rules.said takes them


class CustomerQuerySet(models.QuerySet["Customer"]):
    def seen_by(self, viewer: Viewer) -> Self:
        seen = self.filter(vendor_id__in=viewer.vendor_ids)
        if viewer.payer_id is None:
            return seen
        listing = Contact.objects.filter(payer_id=viewer.payer_id, ended_at=None, vendor_id__in=viewer.vendor_ids)
        return seen.filter(id__in=listing.values("customer_id"))


class Customer(Preferences, ForPrograms):
    """A business as one vendor knows it."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="customers")
    number = models.TextField()  # the vendor's own name for it, unique with the vendor
    name = models.TextField()
    folded = models.TextField()  # lower case, no accents: searched with ranges, which row security lets use an index
    legal_name = models.TextField(default="")
    address = models.TextField(default="")
    tax_id = models.TextField(default="")
    company_number = models.TextField(default="", db_default="", blank=True)  # as their register has it (BT-47)
    currency = models.CharField(max_length=3)
    parent = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, related_name="children")
    since_on = models.DateField(null=True)
    note = models.TextField(default="")
    channel = models.CharField(max_length=8, choices=CHANNELS, default="email")
    paperless_on = models.DateField(null=True)  # invoices and reminders on paper before this day; NULL: as `channel` says
    bill_days = ArrayField(models.SmallIntegerField(), default=list)  # days of the month on which they accept invoices
    cut_off_day = models.PositiveSmallIntegerField(null=True)  # not after this day of the month
    order_required = models.BooleanField(default=False)  # no invoice without a purchase order
    enclosure_required = models.TextField(default="", db_default="", blank=True)  # no invoice without it: "signed timesheet"
    invoice_format = models.CharField(max_length=10, choices=FORMATS, default="", db_default="", blank=True)  # how they take it
    buyer_reference = models.TextField(default="", db_default="", blank=True)  # by which they route it (BT-10), as a Leitweg-ID
    pays_by = models.TextField(default="")
    pays_automatically = models.BooleanField(default=False)
    welcome_waits = models.BooleanField(default=False, db_default=False)  # the welcome packet goes once they can be reached
    billed_by = models.CharField(max_length=8, choices=BILLED_BY, default="customer", db_default="customer")
    breakdown = models.CharField(max_length=8, choices=BREAKDOWNS, default="items", db_default="items")
    cadence = models.TextField(default="")  # the name of another than the vendor's usual one
    created_at = models.DateTimeField()

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "number"], name="customer_number_once")]
        indexes = [
            models.Index(fields=["vendor", "folded"], name="customer_by_name"),
            models.Index(fields=["vendor"], condition=Q(welcome_waits=True), name="customer_to_welcome"),
        ]


class Payer(Preferences):
    """A person with an address, who may see the open invoices of every vendor that lists them as a contact.

    The id follows from the address (`rules.payer_key`), so that two vendors meet the same payer without looking.
    """

    id = models.UUIDField(primary_key=True)
    address = models.TextField(unique=True)  # folded e-mail address
    name = models.TextField(default="")
    verified_at = models.DateTimeField(null=True)  # when the address was first proven by its owner's own act
    letter_weekdays = ArrayField(models.SmallIntegerField(), default=list)  # the rhythm: only on these (ISO); empty: any
    stopped_at = models.DateTimeField(null=True)  # unsubscribed from reminder e-mails
    created_at = models.DateTimeField()


class ContactQuerySet(models.QuerySet["Contact"]):
    def seen_by(self, viewer: Viewer) -> Self:
        """A payer sees the people of the customers that list them."""
        seen = self.filter(vendor_id__in=viewer.vendor_ids)
        return seen if viewer.payer_id is None else seen.filter(customer__in=Customer.objects.seen_by(viewer))

    def current(self) -> Self:
        return self.filter(ended_at=None)


class Contact(models.Model):
    """A person at a customer. Who pays is the payer that reminders go to."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, related_name="contacts")
    payer = models.ForeignKey(Payer, models.PROTECT, null=True, related_name="contacts")
    name = models.TextField()
    title = models.TextField(default="")  # Ms, Mr, Dr: for the formal tone
    email = models.TextField(default="")
    phone = models.TextField(default="")
    pays = models.BooleanField(default=False)
    approves = models.BooleanField(default=False)
    receives_copies = models.BooleanField(default=False)
    signs = models.BooleanField(default=False)
    note = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(pays=True, ended_at=None), name="contact_who_pays"),
        ]
        indexes = [
            models.Index(fields=["payer", "vendor"], name="contact_of_payer"),
            models.Index(fields=["vendor", "customer"], name="contact_of_customer"),
        ]


class Introduction(models.Model):
    """A payer names a colleague to a vendor. Nothing follows by itself: a person of the vendor adds them, or does not."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, related_name="introductions")
    payer = models.ForeignKey(Payer, models.PROTECT, related_name="+")  # who names them
    by = models.TextField()
    name = models.TextField()
    address = models.TextField()
    takes_over = models.BooleanField(default=False)  # to get the letters from now on, in place of who pays; else copies
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="")
    outcome = models.CharField(max_length=9, default="")  # added, declined, withdrawn
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, db_constraint=False, related_name="+")  # who came of it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "address"], condition=Q(decided_at=None), name="introduction_waits_once"
            ),
        ]
        indexes = [
            models.Index(fields=["payer", "asked_at"], name="introduction_of_payer"),
            models.Index(fields=["vendor", "asked_at"], condition=Q(decided_at=None), name="introduction_waiting"),
        ]


class SavedView(models.Model):
    """A filter of a list under a name, as one member keeps it: nothing but what stands in the list's address."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, db_constraint=False, related_name="views")
    page = models.CharField(max_length=20)  # whose list: invoices
    name = models.TextField()
    query = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "page", "name"], name="view_name_once")]
