"""The pretend bank behind the sandbox provider: what it was asked to take, and what the payer said. No money moves."""
