"""A program compiled: its revisions as one flat array of integers, and the vocabulary to read events with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ziggurat.engine.day_tables import Int64s
from ziggurat.engine.layout import (
    ACTIVATIONS,
    H_ATTRIBUTES,
    H_CONDITIONS_MAX,
    H_PROGRAM,
    H_REVISION,
    H_REVISIONS,
    H_SIZE,
    H_SLOTS_MAX,
    H_UNHELD,
    R_ACTIVATION,
    R_FROM,
    R_PROGRAM,
    R_SIZE,
    R_STATUS,
    R_STAYS,
    STATUSES,
    T_GRACE_ROUND,
    T_HOLD_ATTRIBUTE,
    T_HOLD_ROUND,
    T_SIZE,
)
from ziggurat.engine.plan_memory import PlanMemory
from ziggurat.engine.plan_program import ProgramCompiler
from ziggurat.engine.plan_shape import Shape, shape_of
from ziggurat.engine.requirements import readings_of
from ziggurat.errors import ZigguratError
from ziggurat.program.calendar import BEGINNING
from ziggurat.program.model import Measure, Revision

NAMES_MAX = 32_767
"""Names have numbers of 16 bits."""


class UnsupportedError(ZigguratError):
    """What the kernel cannot do, said before a row is read."""

    code = "unsupported"


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Compiled revisions.

    Args:
        memory: everything the kernel reads, as laid out in `layout`.
        revisions: what was compiled.
        shape: which kernel will do.
        measures: every measure that some program reads; a lone one can be given as a single column of amounts.
        names: tier names by number.
        words: tier names and keys by which an override may name a tier, by code.
        activities, attributes: names that some program reads, by code.
        currencies: currencies of the programs; the codes of events count from 1.
        zones: time zones; an attribute's dates are read in each.
    """

    memory: Int64s
    revisions: tuple[Revision, ...]
    shape: Shape
    measures: tuple[Measure, ...]
    names: tuple[str, ...]
    words: tuple[str, ...]
    activities: tuple[str, ...]
    attributes: tuple[str, ...]
    currencies: tuple[str, ...]
    zones: tuple[str, ...]
    _indexes: dict[str, dict[str, int]] = field(default_factory=dict)

    def codes(self, kind: str) -> dict[str, int]:
        """The code of each name in `words`, `activities`, `attributes` or `currencies` (those count from 1)."""
        if kind not in self._indexes:
            first = 1 if kind == "currencies" else 0
            self._indexes[kind] = {name: code for code, name in enumerate(getattr(self, kind), first)}
        return self._indexes[kind]


def compile_plan(revisions: Sequence[Revision]) -> Plan:
    """The plan of `revisions`, in the order of taking effect.

    Raises:
        UnsupportedError: there is no revision, or more tier names than numbers for them.
    """
    if not revisions:
        raise UnsupportedError("a plan needs at least one revision of a program")
    memory = PlanMemory()
    memory.reserve(H_SIZE)
    memory[H_UNHELD] = unheld = memory.reserve(T_SIZE)
    for column in (T_HOLD_ROUND, T_HOLD_ATTRIBUTE, T_GRACE_ROUND):
        memory[unheld + column] = -1
    compiler = ProgramCompiler(memory, [revision.program for revision in revisions])
    rows = []
    programs: list[int] = []
    for number, revision in enumerate(revisions):
        before = revisions[number - 1].program if number else None
        stays = before is not None and revision.program.rules == before.rules
        if revision.program != before:
            programs.append(compiler.compile(revision.program, before))
        rows.append((revision, programs[-1], stays))
    table = memory.reserve(len(rows) * R_SIZE)
    for number, (revision, program, stays) in enumerate(rows):
        row = table + number * R_SIZE
        memory[row + R_FROM] = BEGINNING if revision.effective_from is None else revision.effective_from
        memory[row + R_STATUS] = STATUSES.index(revision.status)
        memory[row + R_ACTIVATION] = ACTIVATIONS.index(revision.activation)
        memory[row + R_PROGRAM] = program
        memory[row + R_STAYS] = int(stays)
    if len(compiler.names) > NAMES_MAX:
        raise UnsupportedError(f"{len(compiler.names)} tier names over all revisions; {NAMES_MAX} at most")
    readings = [readings_of(revision.program) for revision in revisions]
    memory[H_REVISIONS] = len(rows)
    memory[H_REVISION] = table
    memory[H_PROGRAM] = programs[0]
    memory[H_SLOTS_MAX] = max(map(len, readings))
    memory[H_ATTRIBUTES] = len(compiler.attributes)
    memory[H_CONDITIONS_MAX] = compiler.operations_max
    measures = dict.fromkeys(measure for reading in readings for measure, _ in reading)
    return Plan(
        memory=memory.array(),
        revisions=tuple(revisions),
        shape=shape_of(revisions),
        measures=tuple(measures),
        names=tuple(compiler.names),
        words=tuple(compiler.words),
        activities=tuple(compiler.activities),
        attributes=tuple(compiler.attributes),
        currencies=tuple(compiler.currencies),
        zones=tuple(compiler.zones),
    )
