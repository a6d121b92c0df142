"""What is printed: statements and receipts as PDF, set from plain values. Knows no rows and reads no clock."""
