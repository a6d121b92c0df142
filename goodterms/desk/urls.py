"""Decides which page of the desk an address opens; all of them lie under /at/<the vendor's slug>/. One list for each room."""

from django.urls import URLPattern

from goodterms.desk import plans
from goodterms.desk.billing.urls import urls as billing
from goodterms.desk.conversations import pages as conversations
from goodterms.desk.customers.urls import urls as customers
from goodterms.desk.imports import page as imports
from goodterms.desk.insights import page as insights
from goodterms.desk.invoices import pages as invoices
from goodterms.desk.reminders import page as reminders
from goodterms.desk.settings import urls as settings
from goodterms.desk.today import page as today

urlpatterns: list[URLPattern] = [
    *billing,
    *conversations.urls,
    *customers,
    *imports.urls,
    *insights.urls,
    *invoices.urls,
    *plans.urls,
    *reminders.urls,
    *settings.urls,
    *today.urls,
]
