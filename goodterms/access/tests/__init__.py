"""Tests of how payers come in."""
