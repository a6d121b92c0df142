"""So many invoices by django-ledger, as its own code makes them: drafted with items, reviewed, approved and with that posted.

Run by its own interpreter (bench/others/__init__.py): `of_django_ledger.py HOST NAME COUNT`. It knows no taxes, so each is an
item of its own whose account is a liability. It takes each number in a transaction of its own and refuses to be inside another.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

ITEMS = (("Retainer", 1, "1800.00"), ("Hosting", 3, "44.55"), ("Heating of the studio", "112.5", "0.31"))
TAXES = (("Tax, 20 %", 1, "386.73"), ("Tax, 5 %", 1, "1.74"))

INCOME, COST, TAX = "in_operational", "cogs_regular", "lia_cl_other"


def main(host: str, name: str, count: int) -> None:
    import django
    from django.conf import settings

    books = {"ENGINE": "django.db.backends.postgresql", "HOST": host, "PORT": 5432, "USER": "postgres", "NAME": name}
    apps = ["auth", "contenttypes", "sessions", "messages", "staticfiles"]
    settings.configure(
        DATABASES={"default": books}, INSTALLED_APPS=[*(f"django.contrib.{app}" for app in apps), "django_ledger"],
        SECRET_KEY="bench", USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )  # fmt: skip
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    entity, user, items = _entity()
    seconds = 0.0
    for many in (5, count):  # the first to warm up
        customers = [entity.create_customer({"customer_name": f"Firm {n}"}) for n in range(many)]
        began = time.perf_counter()
        for customer in customers:
            _bill(entity, user, customer, items)
        seconds = time.perf_counter() - began
    from django_ledger.models import InvoiceModel, TransactionModel

    numbered = InvoiceModel.objects.filter(invoice_status="approved").exclude(invoice_number="").count()
    posted = TransactionModel.objects.filter(journal_entry__posted=True).values("journal_entry").distinct().count()
    print(json.dumps({"count": count, "seconds": seconds, "numbered": numbered == count + 5, "posted": posted == count + 5}))


def _entity() -> tuple[Any, Any, dict[str, Any]]:
    """A business with a chart of accounts, its services, and the taxes as services of the tax's account."""
    from django.contrib.auth import get_user_model
    from django_ledger.models import EntityModel, ItemModel

    user = get_user_model().objects.create_user("owner")
    entity = EntityModel.create_entity(name="Vendor", use_accrual_method=True, admin=user, fy_start_month=1)
    entity.create_chart_of_accounts(assign_as_default=True, commit=True)
    entity.populate_default_coa(activate_accounts=True)
    unit = entity.create_uom(name="unit", unit_abbr="unit")
    accounts = entity.get_default_coa_accounts()
    first = {role: accounts.filter(role=role).first() for role in (INCOME, COST, TAX)}
    items = {
        what: ItemModel(
            entity=entity, name=what, uom=unit, item_role=ItemModel.ITEM_ROLE_SERVICE, item_type=ItemModel.ITEM_TYPE_LABOR,
            earnings_account=first[role], cogs_account=first[COST],
        )
        for lines, role in ((ITEMS, INCOME), (TAXES, TAX))
        for what, *_ in lines
    }  # fmt: skip
    for item in items.values():
        item.clean()
        item.save()
    return entity, user, items


def _bill(entity: Any, user: Any, customer: Any, items: dict[str, Any]) -> None:
    today = datetime.now(UTC).date()
    invoice = entity.create_invoice(customer_model=customer, terms="net_30", date_draft=today - timedelta(days=1))
    lines = {
        items[what].item_number: {"unit_cost": Decimal(price), "quantity": Decimal(quantity), "total_amount": None}
        for what, quantity, price in (*ITEMS, *TAXES)
    }
    invoice.migrate_itemtxs(itemtxs=lines, commit=True, operation=invoice.ITEMIZE_APPEND)
    invoice.mark_as_review(commit=True, date_in_review=today)
    invoice.mark_as_approved(commit=True, entity_slug=entity.slug, user_model=user, date_approved=today)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
