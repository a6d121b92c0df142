"""Payments, how they settle invoices, and refunds."""
