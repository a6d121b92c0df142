"""Tests of what pages are written on."""
