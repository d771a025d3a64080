"""What is wrong with a command line itself, as opposed to what it names."""

from __future__ import annotations


class UsageError(Exception):
    """The command line says something that it cannot mean: exit 2."""
