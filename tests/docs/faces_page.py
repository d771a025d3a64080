"""docs/faces.md from the faces' own pages and what their translators do: `script/docs` writes it, a test compares.

Any page in docs/faces is taken: every row of each of its tables that says in a column what becomes of things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.docs.dialect_concepts import CONCEPTS, Concept, document_of
from ziggurat.http.face_translations import Translation, translate_all, translators
from ziggurat.program.read import read_program

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {path.stem: path for path in sorted((DOCS / "faces").glob("*.md"))}
SAYS = ("answered", "what becomes of it", "answered or never", "sent", "used")
"""The heads of columns that say what becomes of what the row names."""
QUALIFIERS = ("word", "of", "request")
"""The heads of columns that name it further."""

HEAD = """\
# Vendor faces

Written by `script/docs` from [faces](faces) and from what the translators do; change those, not this.

A face answers as a vendor's API does. Whoever speaks it sees and changes the same programs and members as everybody
else. What a program says that a dialect cannot say is left out of what it shows, left alone by what it changes, and
reported: `ziggurat translate PROGRAM --to DIALECT` on the command line, `GET /v1/programs/{program}/dialects` natively.
`ziggurat serve` serves every face under its name, `ziggurat serve --face NAME` one of them at the root.

| face | what it is | OpenAPI document |
|---|---|---|
"""
CONCEPTS_HEAD = """
## What each dialect can say

"Yes": it is said there, and means the same when it is made there. Else what becomes of it, in the words of the report.
Each cell is what the translator says of a ladder that has nothing else.

"""
EVERYTHING_HEAD = """
## Everything they document

What the vendors document of the operations that the faces are for, and what becomes of it here; the faces' own pages
say more. Tests hold the rows to what is served: every field, value, code and operation has its row, no row names what
there is not, and what is refused is refused as the row says.
"""


class Row(NamedTuple):
    """Something that a vendor documents (`kind`: field, value, code, ...), what becomes of it, what else is said."""

    kind: str
    name: str
    answered: str
    more: str


def page() -> str:
    """The whole page."""
    parts = [HEAD, *map(_face_line, PAGES), CONCEPTS_HEAD, *_concepts(), EVERYTHING_HEAD]
    for face in PAGES:
        parts.append(f"\n### {_title(face)}\n\n| what | name | answered | |\n|---|---|---|---|\n")
        parts += [_line(*row) for row in rows(face)]
    return "".join(parts)


def rows(face: str) -> list[Row]:
    """What the face's own page says of everything that the vendor documents."""
    return [row for head, cells in tables(PAGES[face].read_text(encoding="utf-8")) for row in _rows(head, cells)]


def tables(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Head and rows of each table."""
    for block in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        lines = [_cells(line) for line in block.splitlines()]
        yield lines[0], lines[2:]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))]


def _rows(titles: list[str], lines: list[list[str]]) -> Iterator[Row]:
    head = [title.lower() for title in titles]
    says = next((head.index(word) for word in SAYS if word in head), None)
    if says is None and not (head[0] in ("code", "number") and "status" in head):
        return
    # a table of codes says it with the status
    status = head.index("status") if says is None else None
    further = [place for place, word in enumerate(head) if word in QUALIFIERS]
    for cells in lines:
        name = " ".join(cells[place] for place in (0, *further))
        never = status is not None and cells[status] == "never"
        answered = ("never" if never else "answered") if says is None else cells[says]
        told = {0, says, *further, *([status] if never else [])}
        more = [cell for place, cell in enumerate(cells) if place not in told and cell]
        yield Row(titles[0], name, answered, "; ".join(more))


def _line(*cells: str) -> str:
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|\n"


def _face_line(face: str) -> str:
    text = PAGES[face].read_text(encoding="utf-8")
    first = text.split("\n\n", 2)[1].replace("\n", " ").split(". ")[0].rstrip(".")
    return _line(f"[{_title(face)}](faces/{face}.md)", first, f"`/{face}/openapi.json`")


def _title(face: str) -> str:
    return face.capitalize()


def _concepts() -> Iterator[str]:
    dialects = list(translators())
    yield _line("in a program", *dialects) + f"|---|{'---|' * len(dialects)}\n"
    for concept in CONCEPTS:
        yield _line(concept.name, *(said_of(concept, said) for said in translations(concept)))


def translations(concept: Concept) -> list[Translation]:
    """The plain ladder that says `concept`, in every dialect."""
    return translate_all(read_program(document_of(concept)))


def said_of(concept: Concept, said: Translation) -> str:
    """What becomes of `concept`; yes: nothing of it is lost."""
    lost = [loss.lost for loss in said.losses if re.match(rf"{re.escape(concept.place)}(\.|$)", loss.path)]
    return "; ".join(lost) or "yes"


if __name__ == "__main__":
    print(page(), end="")
