"""`ziggurat verify`: recompute all that is derived, and compare."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ziggurat.cli.database import ACTOR, context_for, opened, present
from ziggurat.cli.inputs import Flag
from ziggurat.cli.output import cell, console, progress, say, show_json

DIFFERENCES_SHOWN = 20


def verify(
    *, organization: str | None = None, repair: Flag = False, database: str | None = None, json: Flag = False
) -> int:
    """Recompute every member's history, attributes, tier and moves from the ledger, and report what differs.

    The audit trail is checked too. Exit code 1 if anything differs and was not repaired.

    Args:
        organization: Only this one. Default: all.
        repair: Write anew what differs.
        database: Where everything is kept (default: ZIGGURAT_DATABASE_URL, or ziggurat.db here).
        json: Print JSON.
    """
    from ziggurat.app.access.read_organization import list_organizations
    from ziggurat.app.audit.verify_audit import verify_audit
    from ziggurat.app.context import Context
    from ziggurat.app.upkeep.verify_states import verify_states

    rows: list[dict[str, Any]] = []
    with opened(database, make=False) as found, progress("verifying") as moved:
        contexts = {view.name: Context(found, scope, ACTOR, present()) for scope, view in list_organizations(found)}
        chosen = contexts if organization is None else {organization: context_for(found, organization)}
        for name, context in chosen.items():
            told = (lambda done, bar=moved: bar(done, 0)) if moved else None
            states = verify_states(context, repair=repair, progress=told)
            trail = verify_audit(context)
            rows.append({"organization": name, **asdict(states), "audit": asdict(trail)})
    if json:
        show_json(rows)
    else:
        _show(rows, repaired=repair)
    intact = all(row["audit"]["intact"] for row in rows)
    return int(not intact or (not repair and any(row["differences"] for row in rows)))


def _show(rows: list[dict[str, Any]], *, repaired: bool) -> None:
    out = console()
    for row in rows:
        differences, trail = row["differences"], row["audit"]
        found = f"{len(differences):,} difference{'s' * (len(differences) != 1)}"
        out.print(
            f"{cell(row['organization'])}: {row['members']:,} members, {row['events']:,} events: {found}"
            + (", repaired" if repaired and differences else "")
        )
        for each in differences[:DIFFERENCES_SHOWN]:
            out.print(f"  {cell(each['member'])} {cell(each['program'])}: {cell(each['what'])}", soft_wrap=True)
        if len(differences) > DIFFERENCES_SHOWN:
            out.print(f"  and {len(differences) - DIFFERENCES_SHOWN:,} more: --json has them all")
        state = "intact" if trail["intact"] else f"broken at {trail['first_broken']}: {trail['problem']}"
        out.print(f"  audit trail of {trail['entries']:,} entries: {cell(state)}")
    if not repaired and any(row["differences"] for row in rows):
        say("The ledger holds: --repair writes anew what differs from it.")
