"""`python -m ziggurat`."""

from ziggurat.cli.main import run

run()
