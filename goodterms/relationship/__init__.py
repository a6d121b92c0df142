"""Thanks and feedback, and how well we treat each other: the measures."""
