"""What can go wrong with the database, as domain errors with stable codes; the doors choose status and wording."""

from __future__ import annotations

from ziggurat.errors import ZigguratError


class StoreError(ZigguratError):
    """The database did not do what was asked; nothing of the transaction remains."""

    code = "database_error"


class DatabaseLockedError(StoreError):
    """Another writer held the database or a row for longer than the time allowed. Trying again may help."""

    code = "database_locked"


class ConcurrentChangeError(StoreError):
    """Two transactions stood in each other's way and this one gave in. Trying again helps."""

    code = "concurrent_change"


class DatabaseFullError(StoreError):
    """There is no room left on the database's disk, or a quota is reached."""

    code = "database_full"


class DatabaseGoneError(StoreError):
    """The database cannot be reached or opened, or went away underway."""

    code = "database_unavailable"


class DatabaseReadOnlyError(StoreError):
    """The database may be read but not written."""

    code = "database_read_only"


class StatementTimeoutError(StoreError):
    """One statement took longer than the time allowed."""

    code = "database_timeout"


class InvalidDatabaseURLError(StoreError):
    """A database address that names neither a SQLite file nor a PostgreSQL database."""

    code = "invalid_database_url"


class SchemaOlderError(StoreError):
    """The database has an older schema than this version of Ziggurat reads: run `ziggurat migrate`."""

    code = "schema_older"

    def __init__(self, found: str, wanted: str) -> None:
        self.found = found
        self.wanted = wanted
        super().__init__(
            f"the database has schema {found}, this version of Ziggurat wants {wanted}: run `ziggurat migrate`"
        )


class SchemaNewerError(StoreError):
    """The database was migrated by a newer version of Ziggurat, or belongs to another program."""

    code = "schema_newer"

    def __init__(self, found: str, wanted: str) -> None:
        self.found = found
        self.wanted = wanted
        super().__init__(f"the database has schema {found}, this version of Ziggurat knows up to {wanted}")


class NotFoundError(ZigguratError):
    """Nothing of that kind has that name in this organization."""

    code = "not_found"

    def __init__(self, kind: str, key: str | int) -> None:
        self.kind = kind
        self.key = key
        super().__init__(f"there is no {kind} {key}")


class AlreadyExistsError(ZigguratError):
    """Something of that kind has that name already in this organization."""

    code = "already_exists"

    def __init__(self, kind: str, key: str | int) -> None:
        self.kind = kind
        self.key = key
        super().__init__(f"there is a {kind} {key} already")


class StaleVersionError(ZigguratError):
    """Somebody else changed it since it was read: read it again."""

    code = "stale_version"

    def __init__(self, kind: str, key: str | int, expected: int) -> None:
        self.kind = kind
        self.key = key
        self.expected = expected
        since = f" since version {expected}" if expected > 0 else ", or never had that version"
        super().__init__(f"{kind} {key} has changed{since}")
