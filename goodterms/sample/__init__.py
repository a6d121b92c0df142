"""The sample business: four vendors, the one payer who pays all four, and half a year of their days, told by the real verbs."""
