"""`ziggurat translate`: a program in the words of a vendor's API, and what they leave out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ziggurat.cli.inputs import Flag, load
from ziggurat.cli.output import cell, console, plain_table, show_table

if TYPE_CHECKING:
    from ziggurat.http.face_translations import Translation


def translate(
    program: Path,
    /,
    *,
    to: Literal["fanfare", "capillary", "voucherify", "voucherify-2026-08", "wix"],
    json: Flag = False,
) -> int:
    """Say a program in the words of a vendor's API: the bodies of the requests that make it, and what they leave out.

    Args:
        program: The program, YAML or JSON.
        to: The vendor, or a dialect of its own.
        json: Print JSON.
    """
    from ziggurat.http.face_translations import translate as put_into_words
    from ziggurat.http.json_text import render

    rules = load(program)
    said = put_into_words(rules, to)
    if json:
        lost = [{"path": loss.path, "lost": loss.lost} for loss in said.losses]
        whole = {"program": rules.name, "to": to, "payload": said.payload, "losses": lost}
        print(render(whole, indent=2).decode())
        return 0
    print(render(said.payload, indent=2).decode())
    _show_losses(said)
    return 0


def _show_losses(said: Translation) -> None:
    count = len(said.losses)
    if count:
        table = plain_table("in the program", f"in {said.dialect}")
        for loss in said.losses:
            table.add_row(cell(loss.path), cell(loss.lost))
        show_table(table)
    console().print(f"\n{count} part{'s' * (count > 1)} lost." if count else "\nNothing is lost.")
