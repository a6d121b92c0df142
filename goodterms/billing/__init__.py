"""What is to be billed: work that is finished, and what comes again by a schedule; and the run that makes invoices of it."""
