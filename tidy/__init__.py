"""Tests of the source itself: sizes, writers, names and docs."""
