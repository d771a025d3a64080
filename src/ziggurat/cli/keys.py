"""`ziggurat keys`: make, list and revoke API keys."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from ziggurat.cli.database import context_for, opened, present
from ziggurat.cli.inputs import Flag
from ziggurat.cli.output import cell, console, plain_table, say, show_json
from ziggurat.cli.usage import UsageError

if TYPE_CHECKING:
    from ziggurat.app.access.views import KeyView
    from ziggurat.app.principal import KeyScope


def keys(
    action: Literal["create", "list", "revoke"],
    key_id: str | None = None,
    /,
    *,
    organization: str = "default",
    scopes: str = "read,ingest,design,approve,admin",
    name: str = "cli",
    database: str | None = None,
    json: Flag = False,
) -> int:
    """Make, list and revoke the keys that open every door of the service.

    Args:
        action: What to do.
        key_id: The key to revoke.
        organization: The organization; `create` makes it if there is none of that name.
        scopes: What a new key may do, with commas between.
        name: What a new key is called.
        database: Where everything is kept (default: ZIGGURAT_DATABASE_URL, or ziggurat.db here).
        json: Print JSON.
    """
    if (action == "revoke") != (key_id is not None):
        raise UsageError("a key is named to revoke it, and only then: ziggurat keys revoke KEY_ID")
    if action == "create":
        return _create(organization, _scopes(scopes), name, database, as_json=json)
    with opened(database, make=False) as found:
        context = context_for(found, organization)
        if action == "list":
            from ziggurat.app.access.list_keys import list_keys

            return _show(list_keys(context), as_json=json)
        from ziggurat.app.access.revoke_key import revoke_key

        return _show((revoke_key(context, key_id or ""),), as_json=json)


def _scopes(words: str) -> list[KeyScope]:
    from ziggurat.app.principal import KeyScope
    from ziggurat.program.near_words import did_you_mean

    asked = [word.strip() for word in words.split(",")]
    for word in asked:
        if word not in set(KeyScope):
            raise UsageError(f"--scopes: {word!r} is not a scope ({did_you_mean(word, KeyScope)})")
    return [KeyScope(word) for word in asked]


def _create(organization: str, scopes: list[KeyScope], name: str, url: str | None, *, as_json: bool) -> int:
    from ziggurat.app.access.create_first_key import create_first_key

    with opened(url) as found:
        made = create_first_key(found, present(), organization=organization, name=name, scopes=scopes)
    if as_json:
        key_id, said = made.key.key_id, list(made.key.scopes)
        show_json({"organization": organization, "key_id": key_id, "secret": made.secret, "scopes": said})
        return 0
    print(made.secret)
    say(f"key {made.key.key_id} of {organization}: {', '.join(made.key.scopes)}. The secret is shown this once.")
    return 0


def _show(found: tuple[KeyView, ...], *, as_json: bool) -> int:
    from ziggurat.program.calendar import calendar

    utc = calendar("UTC")

    def when(instant: int | None) -> str | None:
        return None if instant is None else utc.format(instant)

    instants = ("created_at", "revoked_at", "last_used_at")
    rows = [asdict(key) | {name: when(getattr(key, name)) for name in instants} for key in found]
    if as_json:
        show_json(rows)
        return 0
    table = plain_table("key", "name", "scopes", "made", "last used", "revoked")
    for row in rows:
        texts = (row["key_id"], row["name"], ",".join(row["scopes"]), row["created_at"])
        table.add_row(*(cell(text or "") for text in (*texts, row["last_used_at"], row["revoked_at"])))
    console().print(table)
    return 0
