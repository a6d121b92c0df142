"""Goodterms: get paid, and stay on good terms."""
