"""How payers come in: links of letters, sessions of browsers, six figures."""
