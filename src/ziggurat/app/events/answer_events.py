"""Say for each event of a batch what became of it, and between which tiers it fell."""

from __future__ import annotations

from collections.abc import Sequence

from ziggurat.app.events.admit_events import Admission
from ziggurat.app.events.evaluate_members import COLUMNS
from ziggurat.app.events.views import AwardShare, IngestMove, IngestOutcome
from ziggurat.app.events.work_out_members import Settled
from ziggurat.engine.award import award_shares
from ziggurat.program.events import Event

_AT, _TIER, _VALUE, _EVENT, _REVISION = (COLUMNS.index(name) for name in ("at", "tier", "value", "event", "revision"))

_NONE = [-1 if name == "tier" else 0 for name in COLUMNS]
"""What stands for the last move of a member who has not moved yet."""


def answer_events(admission: Admission, settled: Sequence[Settled]) -> tuple[IngestOutcome, ...]:
    """What became of each event, in the order of the batch."""
    tellers = [_Teller(each) for each in settled]
    accepted, owners = admission.accepted, admission.owner
    answers = []
    for place, event in enumerate(admission.events):
        sequence = accepted.get(place)
        if sequence is not None:
            owner = owners[place]
            told = tuple([move for teller in tellers if (move := teller.move(owner, event, sequence)) is not None])
            answers.append(IngestOutcome(event.id, event.member, "accepted", "", "", told))
        elif place in admission.duplicates:
            answers.append(IngestOutcome(event.id, event.member, "duplicate"))
        elif place in admission.conflicts:
            reason = "an event with this id and other content is in the ledger"
            answers.append(IngestOutcome(event.id, event.member, "conflict", "conflict", reason))
        else:
            code, reason = admission.refused[place]
            answers.append(IngestOutcome(event.id, event.member, "refused", code, reason))
    return tuple(answers)


class _Teller:
    """Tells the tiers around an event in one program."""

    def __init__(self, settled: Settled) -> None:
        self.settled = settled
        self.program = settled.program.row.public_id
        self.revisions = settled.program.published
        self.index = {member: index for index, member in enumerate(settled.member_ids)}
        self.offsets = settled.evaluations.offsets.tolist()
        self.moves = settled.evaluations.moves.tolist()
        self.still: dict[tuple[int, int], IngestMove] = {}

    def move(self, owner: int, event: Event, sequence: int) -> IngestMove | None:
        """The tiers just before and just after `event`; None for a member the program does not count.

        An event of the future has not moved anybody yet: both are the tier now.
        """
        index = self.index.get(owner)
        if index is None:
            return None
        start, place = self.offsets[index], self.offsets[index + 1] - 1
        at, moves = event.occurred_at, self.moves
        while place >= start and (
            moves[place][_AT] > at or (moves[place][_AT] == at and moves[place][_EVENT] > sequence)
        ):
            place -= 1
        last = moves[place] if place >= start else _NONE
        if last[_EVENT] != sequence:
            where = last[_REVISION], last[_TIER]
            found = self.still.get(where)
            if found is None:
                name = self._name(last)
                found = self.still[where] = IngestMove(self.program, name, name)
            return found
        before = self._name(moves[place - 1]) if place > start else ""
        return IngestMove(self.program, before, self._name(last), self._award(event, moves, place, start))

    def _award(self, event: Event, moves: list[list[int]], place: int, start: int) -> tuple[AwardShare, ...]:
        move = moves[place]
        program = self.revisions[move[_REVISION]].program
        came_from = moves[place - 1][_TIER] if place > start else -1
        shares = award_shares(program, event, came_from, move[_TIER], move[_VALUE])
        names = ["", *(tier.name for tier in program.ladder)]
        return tuple(AwardShare(names[share.tier + 1], share.points, share.amount) for share in shares)

    def _name(self, move: list[int]) -> str:
        return self.revisions[move[_REVISION]].program.ladder[move[_TIER]].name if move[_TIER] >= 0 else ""
