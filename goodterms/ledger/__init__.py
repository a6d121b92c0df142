"""Double entry: accounts, entries and postings, from which every balance comes."""
