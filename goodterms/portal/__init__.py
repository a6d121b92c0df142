"""The door for those who pay: their open invoices of all vendors, and what they may say and do about them."""
