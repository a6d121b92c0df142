"""Cadence, nomination, notice and rehearsal: who should hear from us today, and why not."""
