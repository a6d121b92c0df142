"""The page of figures: how we get paid, and how we stay on good terms."""
