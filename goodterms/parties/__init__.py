"""Who is who: vendors and members, customers and contacts, payers across vendors, and how each wants to be treated."""
