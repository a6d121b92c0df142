"""Tests of what payers say and do about an invoice."""
