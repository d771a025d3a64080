"""`ziggurat explain`: why one member is in a tier, and what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ziggurat.cli.inputs import EventFile, Flag, Reading, instant, load, read, warn_of_unknown_tiers
from ziggurat.cli.output import cell, console, plain_table, show_json, show_table
from ziggurat.errors import ZigguratError

if TYPE_CHECKING:
    from ziggurat.bulk.event_table import EventTable
    from ziggurat.engine.explanation import Explanation

EVENTS_SHOWN = 10
STEPS_SHOWN = 20
NAMES_COMPARED_MAX = 100_000
_AS_READ = Reading()


class UnknownMemberError(ZigguratError):
    """A member of whom the files say nothing."""

    code = "unknown_member"

    def __init__(self, member: str, remedy: str) -> None:
        self.member = member
        super().__init__(f"--member: there are no events of {member!r} ({remedy})")


def explain(
    program: Path,
    /,
    *events: EventFile,
    member: str,
    as_of: str | None = None,
    reading: Reading = _AS_READ,
    json: Flag = False,
) -> int:
    """Say why a member is in a tier, what counts, what is missing, what comes next, and how it came to this.

    Args:
        program: The program, YAML or JSON.
        events: The events: CSV, JSON lines or Parquet files, by their endings (`.gz` may follow the first two).
        member: The member, as the events call it.
        as_of: The instant asked about (ISO 8601; without zone it is local to the program). Default: the latest event.
        reading: How the files are read.
        json: Print JSON.
    """
    from ziggurat.bulk.event_table import code_of, events_of
    from ziggurat.bulk.replay import NotEnrolledError, taking_part
    from ziggurat.engine.explain import explain as evaluate
    from ziggurat.program.model import Revision

    rules = load(program)
    table = read(events, rules, reading)
    warn_of_unknown_tiers(rules, table)
    revisions, at = [Revision(rules)], instant(as_of, rules, table)
    if code_of(table, member) is None:
        raise UnknownMemberError(member, _near(member, table))
    counted = taking_part(revisions, table, at)
    code = code_of(counted, member)
    if code is None:
        raise NotEnrolledError(member)
    told = evaluate(revisions, events_of(counted, code), at, member)
    if json:
        show_json(told.as_dict())
    else:
        show_explanation(told)
    return 0


def _near(member: str, table: EventTable) -> str:
    from ziggurat.program.near_words import nearest

    known = table.members.slice(0, NAMES_COMPARED_MAX).to_pylist()
    near = nearest(member, known)
    return f'did you mean "{near}"?' if near else f"such as {', '.join(map(repr, known[:3]))}"


def show_explanation(told: Explanation) -> None:
    """The sentences, what counts, and how it came to this."""
    out = console()
    for sentence in told.sentences:
        out.print(cell(sentence), soft_wrap=not out.is_terminal)  # whole lines for whoever reads a pipe
    _show_counted(told)
    _show_journal(told)


def _show_counted(told: Explanation) -> None:
    from ziggurat.engine.wording import day_text, short_amount_text
    from ziggurat.program.calendar import calendar

    counted = told.reading.counted
    if not counted:
        return
    local = calendar(told.program.time_zone)
    hidden = len(counted) - EVENTS_SHOWN
    title = f"What counts ({f'the latest {EVENTS_SHOWN} of ' if hidden > 0 else ''}{len(counted)})"
    table = plain_table("when", "event", "id", "adds", "leaves", right=("adds",), title=title)
    for each in counted[-EVENTS_SHOWN:]:
        table.add_row(
            day_text(local, each.event.occurred_at),
            cell(each.event.type),
            cell(each.event.id),
            short_amount_text(each.adds, told.reading.measure, told.program.currency),
            day_text(local, each.leaves_at) if each.leaves_at is not None else "never",
        )
    show_table(table)


def _show_journal(told: Explanation) -> None:
    from ziggurat.engine.wording import day_text, end_text, number_text
    from ziggurat.program.calendar import calendar

    local = calendar(told.program.time_zone)
    hidden = len(told.journal) - STEPS_SHOWN
    title = "How it came to this" + (f" (the latest {STEPS_SHOWN} of {len(told.journal)})" if hidden > 0 else "")
    table = plain_table("when", "what", "tier", "value", "held to", "because", right=("value",), title=title)
    for step in told.journal[-STEPS_SHOWN:]:
        table.add_row(
            day_text(local, step.at),
            step.kind.replace("_", " "),
            cell(step.to_tier),
            number_text(step.value),
            end_text(local, step.expires_at) if step.expires_at is not None else "",
            cell(step.reason),
        )
    show_table(table)
