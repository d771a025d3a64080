"""`ziggurat check`: whether a program is sound, and what it comes to."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from ziggurat.cli.inputs import Flag, load
from ziggurat.cli.output import cell, console, plain_table, show_json, show_table


def check(program: Path, /, *, json: Flag = False) -> int:
    """Validate a program, warn of what it can hardly mean, and show the ladder it comes to.

    Args:
        program: The program, YAML or JSON.
        json: Print JSON.
    """
    from ziggurat.program.check import ladder_rows, warnings
    from ziggurat.program.phrases import qualification_phrase

    rules = load(program)
    found = warnings(rules)
    ladder = ladder_rows(rules)
    counts = qualification_phrase(rules.qualification)
    if json:
        odd = [{"path": fault.path, "problem": fault.problem, "remedy": fault.remedy} for fault in found]
        show_json(
            {
                "program": rules.name,
                "edition": rules.edition,
                "time_zone": rules.time_zone,
                "counts": counts,
                "ladder": [asdict(row) for row in reversed(ladder)],
                "warnings": odd,
            }
        )
        return 0
    out = console()
    out.print(f"{cell(rules.name)} counts {cell(counts)} (edition {rules.edition}, {rules.time_zone}).")
    table = plain_table("tier", "reached by", "held", "kept", "falls")
    for row in reversed(ladder):
        table.add_row(*map(cell, (row.name, row.reached_by, row.hold, row.keep, row.fall)))
    show_table(table)
    out.print()
    for fault in found:
        out.print(f"warning: {cell(fault)}", soft_wrap=True)
    out.print("No warnings." if not found else f"{len(found)} warning{'s' * (len(found) > 1)}.")
    return 0
