"""Who is who: vendors and their members, customers and their contacts, payers across vendors, and how each wants to be treated."""
