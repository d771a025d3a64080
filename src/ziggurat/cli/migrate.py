"""`ziggurat migrate`: bring a database to this version's schema."""

from __future__ import annotations


def migrate(*, database: str | None = None) -> int:
    """Make the tables, or bring them to this version's schema. SQLite files are migrated by every command.

    Args:
        database: Where everything is kept (default: ZIGGURAT_DATABASE_URL, or ziggurat.db here).
    """
    from ziggurat.http.settings import Settings
    from ziggurat.store.database import Database
    from ziggurat.store.schema import migrate as bring_up_to_date

    found = Database(Settings.from_environment(database_url=database).database_url)
    try:
        changed = bring_up_to_date(found)
    finally:
        found.dispose()
    print("The schema is this version's now." if changed else "The schema was this version's already.")
    return 0
