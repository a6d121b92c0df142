"""The append-only log of every contact and deed; limits, timelines and measures are read from it."""
