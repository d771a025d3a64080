"""What to do about columns, in the words of the command line."""

from __future__ import annotations

import shlex

from ziggurat.bulk.column_remedies import ColumnRemedies
from ziggurat.bulk.row_faults import shown


class OptionRemedies(ColumnRemedies):
    """Which option says what a file leaves open."""

    def likely(self, name: str, column: str) -> str:
        """`column` seems to be the field `name`."""
        return f"did you mean {shown(column)}? say --map {shlex.quote(f'{name}={column}')}"

    def which(self, name: str) -> str:
        """Some column should be the field `name`, and nobody knows which."""
        return f"say which column it is with --map {name}=COLUMN"

    def one_type(self) -> str:
        """No column says types, and all rows may be of one."""
        return "one type for all rows with --default type=order.placed"

    def unsaid_type(self) -> str:
        """A row says no type."""
        return "fill it in, or give a type for rows without with --default type=order.placed"

    def name_columns(self) -> str:
        """The first line of a CSV file says no names."""
        return "say them with --columns, as in --columns member,occurred_at,amount"

    def default(self, name: str, text: str) -> str:
        """How the default for the field `name` was given."""
        return f"--default {name}={text}"
