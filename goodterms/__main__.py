"""`python -m goodterms` is the goodterms command."""

from goodterms.cli.main import main

main()
