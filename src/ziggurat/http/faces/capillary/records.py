"""The vendor's records: versions of tiers on their way into a program, kept beside it.

What is live is the program itself; a record says how it got there, or what is to be approved. Each is a document of the
face whose parent is the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.faces.change_face_documents import FaceDocuments
from ziggurat.app.programs.list_programs import list_programs
from ziggurat.http.faces.capillary.errors import CapillaryError, not_found, plain
from ziggurat.http.faces.capillary.numbers import program_number, slab_number
from ziggurat.program.model import Program, Tier
from ziggurat.program.read import read_program
from ziggurat.store.repositories.faces import FaceDocument

KIND = "record"
OPEN = ("DRAFT", "PENDING_APPROVAL", "REJECTED", "PUBLISH_FAILED")
"""The statuses of what is not published yet; all of them can be edited in place."""
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Record:
    """One version of a tier. `tier` is the key of the tier in the program, `slab` its number once it is published."""

    row: FaceDocument

    def __getattr__(self, name: str) -> Any:
        return self.row.document[name]

    @property
    def object_id(self) -> str:
        return self.row.key

    @property
    def is_open(self) -> bool:
        """Whether it is still to be published."""
        return self.row.document["status"] in OPEN


@dataclass(frozen=True, slots=True)
class Ladder:
    """A program, its number there, and the records of its tiers (deleted and superseded ones too)."""

    id: str
    number: int
    program: Program
    created_at: int
    records: tuple[Record, ...] = field(default=())

    def serial_of(self, tier: Tier) -> int:
        """The tier's place, 1 the lowest."""
        return self.program.ladder.index(tier) + 1

    def tier(self, key: str) -> Tier | None:
        """The live tier with that key."""
        return next((tier for tier in self.program.ladder if tier.key == key), None)

    def slab(self, number: int) -> Tier | None:
        """The live tier with that number."""
        return next((tier for tier in self.program.ladder if slab_number(self.id, tier) == number), None)

    def active(self, tier: Tier) -> Record | None:
        """The record that the live tier was published from; None for one made outside of this API."""
        return next((each for each in self.records if each.tier == tier.key and each.status == "ACTIVE"), None)

    def draft(self, key: str) -> Record | None:
        """The record of a tier that is still to be published."""
        return next((each for each in self.records if each.tier == key and each.is_open), None)

    @property
    def open_records(self) -> tuple[Record, ...]:
        return tuple(each for each in self.records if each.is_open)

    def new_records(self) -> Iterator[Record]:
        """Those of tiers that the program does not have yet."""
        live = {tier.key for tier in self.program.ladder}
        return (each for each in self.open_records if each.tier not in live)


def program_ids(context: Context) -> dict[int, tuple[str, Program]]:
    """The organization's programs that are in force, by their number there."""
    found: dict[int, tuple[str, Program]] = {}
    after = None
    while True:
        page = list_programs(context, status=None, after=after, limit=_PAGE)
        for view in page.items:
            if view.document is not None:
                program = read_program(view.document)
                found.setdefault(program_number(view.id, program), (view.id, program))
        if page.next is None:
            return found
        after = page.next


def program_id(context: Context, number: int) -> str:
    """The program with that number.

    Raises:
        CapillaryError: 400, there is none.
    """
    found = program_ids(context).get(number)
    if found is None:
        raise CapillaryError(400, plain(f"there is no program {number}"))
    return found[0]


def open_ladder(docs: FaceDocuments, program: str, *, lock: bool = False) -> Ladder:
    """The program with its records.

    Raises:
        NotFoundError: there is no such program.
    """
    loaded = docs.lock_program(program) if lock else docs.program(program)
    revision = loaded.newest if lock else loaded.in_force(docs.context.now) or loaded.newest
    if revision is None:
        raise CapillaryError(400, plain("the program has never been in force"))
    records = tuple(Record(row) for row in docs.every(KIND, parent=program))
    number = program_number(program, revision.program)
    return Ladder(program, number, revision.program, loaded.row.created_at, records)


def find_record(docs: FaceDocuments, object_id: str) -> Record:
    """The record.

    Raises:
        CapillaryError: 404, there is none.
    """
    row = docs.find(KIND, object_id)
    if row is None:
        raise not_found(object_id)
    return Record(row)


def makers_of(record: Record) -> set[str]:
    """Whoever wrote, edited or submitted the record: none of them may approve it."""
    said = record.row.document
    return {*said.get("makers", ()), said["updatedBy"], *([said["submittedBy"]] if "submittedBy" in said else [])}
