"""So many invoices by Tryton, as its own code makes them: drafts with lines and taxes saved together, posted together.

Run by its own interpreter (bench/others/__init__.py): `of_tryton.py URI NAME COUNT`. Its server's models are called in this
process, without a client or a network between; printing is left to its queue, as ours is to the clock.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

LINES = (("Retainer", 1, "1800.00", 0), ("Hosting", 3, "44.55", 0), ("Heating of the studio", 112.5, "0.31", 1))


def main(uri: str, name: str, count: int) -> None:
    os.environ |= {"TRYTOND_DATABASE_URI": f"{uri}{name}", "TRYTOND_QUEUE__WORKER": "True", "DB_NAME": name}
    taxes, revenue = _company()
    from trytond.pool import Pool
    from trytond.transaction import Transaction

    pool = Pool(name)
    with Transaction().start(name, 1):
        context = {"company": pool.get("company.company").search([])[0].id}
    seconds, locked = 0.0, {}
    for many in (5, count):  # the first to warm up
        with Transaction().start(name, 1, context=context) as transaction:
            parties = [party.id for party in _parties(pool, many)]
            transaction.commit()
        seconds = _timed(pool, name, context, locked, (parties, taxes, revenue))
    with Transaction().start(name, 1, context=context):
        posted = pool.get("account.invoice").search([("state", "=", "posted"), ("number", "!=", None)], count=True)
        taxed = pool.get("account.move.line").search([("move.state", "=", "posted")], count=True)
    print(json.dumps({"count": count, "seconds": seconds, "numbered": posted == count + 5, "posted": taxed == (count + 5) * 6}))


def _company() -> tuple[list[int], int]:
    """A new database with a company, a chart, two taxes and the fiscal year, by Tryton's own scenario tools."""
    from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, create_tax, get_accounts
    from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
    from trytond.modules.company.tests.tools import create_company
    from trytond.tests.tools import activate_modules

    activate_modules("account_invoice", create_company, create_chart)
    set_fiscalyear_invoice_sequences(create_fiscalyear()).click("create_period")
    taxes = [create_tax(Decimal(rate)) for rate in ("0.20", "0.05")]
    for tax in taxes:
        tax.save()
    return [tax.id for tax in taxes], get_accounts()["revenue"].id


def _parties(pool: Any, count: int) -> list[Any]:
    made = pool.get("party.party").create([{"name": f"Firm {n}", "addresses": [("create", [{}])]} for n in range(count)])
    return list(made)


def _timed(pool: Any, name: str, context: dict[str, int], locked: dict[str, Any], given: tuple[Any, ...]) -> float:
    """From the first draft to the commit. As Tryton's own server does, a transaction begins anew with the locks that it lacked;
    those that it once needed are taken at once the next time."""
    from trytond.transaction import Transaction, TransactionError

    while True:
        began = time.perf_counter()
        with Transaction().start(name, 1, context=context, **locked) as transaction:
            try:
                _bill(pool, context["company"], *given)
                transaction.commit()
                return time.perf_counter() - began
            except TransactionError as lacking:
                transaction.rollback()
                lacking.fix(locked)


def _bill(pool: Any, company: int, parties: list[int], taxes: list[int], revenue: int) -> None:
    invoices = pool.get("account.invoice")
    journal = pool.get("account.journal").search([("type", "=", "revenue")])[0]
    currency = pool.get("company.company")(company).currency.id
    lines = [
        {
            "type": "line", "description": what, "quantity": quantity, "unit_price": Decimal(price), "account": revenue,
            "taxes": [("add", [taxes[tax]])],
        }
        for what, quantity, price, tax in LINES
    ]  # fmt: skip
    drafts = invoices.create(
        [
            {
                "type": "out", "company": company, "party": party.id, "invoice_address": party.addresses[0].id,
                "journal": journal.id, "account": party.account_receivable_used.id, "invoice_date": datetime.now(UTC).date(),
                "currency": currency, "lines": [("create", lines)],
            }
            for party in pool.get("party.party").browse(parties)
        ]
    )  # fmt: skip
    invoices.post(drafts)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
