"""What to do about columns that are missing or named otherwise, in the words of the door that reads."""

from __future__ import annotations

from ziggurat.bulk.row_faults import shown


class ColumnRemedies:
    """The words for somebody who calls from Python; another door says the same in words of its own."""

    def likely(self, name: str, column: str) -> str:
        """`column` seems to be the field `name`."""
        return f'did you mean {shown(column)}? rename it to "{name}"'

    def which(self, name: str) -> str:
        """Some column should be the field `name`, and nobody knows which."""
        return f'rename the column that holds it to "{name}"'

    def one_type(self) -> str:
        """No column says types, and all rows may be of one."""
        return "add one that says order.placed in every row"

    def unsaid_type(self) -> str:
        """A row says no type."""
        return "fill it in"

    def name_columns(self) -> str:
        """The first line of a CSV file says no names."""
        return "write the columns' names there"

    def default(self, name: str, text: str) -> str:
        """How the default for the field `name` was given."""
        return f"default {name}={text}"
