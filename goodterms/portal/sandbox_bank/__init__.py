"""The pages of the pretend bank: whatever is pressed here, no money moves."""

from goodterms.portal.sandbox_bank.pages import urls

__all__ = ["urls"]
