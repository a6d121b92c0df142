"""The page of the day: what needs a person, what goes out next, and which money is expected."""
