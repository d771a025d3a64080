"""How much of the kernel a plan needs: specialised kernels leave out what a program does not use."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from ziggurat.engine.requirements import readings_of
from ziggurat.program.model import (
    Applies,
    DowngradeType,
    ExpirationType,
    Lifetime,
    MeasureKind,
    Program,
    RenewalType,
    Revision,
    Rolling,
    Status,
    Tier,
)

_NOT_A_SUM = frozenset({MeasureKind.AVERAGE_ORDER_VALUE, MeasureKind.ATTRIBUTE})
_BY_EVENT = frozenset({ExpirationType.SLIDING, ExpirationType.ATTRIBUTE})


class Shape(IntEnum):
    """What a kernel is specialised for; each can do what the one before it does.

    `LEAN`: one sum, where only a rise can matter before a hold ends, so that what leaves a window is looked at only
    when somebody may rise. `SINGLE`: one sum, any rules. `FULL`: all of edition 1.
    """

    LEAN = 0
    SINGLE = 1
    FULL = 2


def shape_of(revisions: Sequence[Revision]) -> Shape:
    """The smallest shape that can do what `revisions` say (reversals and overrides in the data need `FULL`)."""
    first, program = revisions[0], revisions[0].program
    one = len(revisions) == 1 and first.effective_from is None and first.status is Status.ACTIVE
    if not one or len(readings_of(program)) > 1 or program.qualification.measure.kind in _NOT_A_SUM:
        return Shape.FULL
    if any(program.expiration_of(tier).type in _BY_EVENT for tier in program.ladder):
        return Shape.FULL
    return Shape.LEAN if _only_rises_matter(program) else Shape.SINGLE


def _only_rises_matter(program: Program) -> bool:
    rules = program.qualification
    plain = isinstance(rules.window, Rolling | Lifetime) and rules.applies is Applies.IMMEDIATELY
    starts = [tier.start for tier in program.tiers if tier.start is not None]
    tiers_are_plain = starts == sorted(starts) and all(_is_plain(tier, program) for tier in program.tiers)
    return plain and rules.max_steps is None and tiers_are_plain


def _is_plain(tier: Tier, program: Program) -> bool:
    falls_to_qualified = program.downgrade_of(tier).type is not DowngradeType.TO_BASE
    held = program.expiration_of(tier).type is not ExpirationType.IMMEDIATE
    by_ladder = program.renewal_of(tier).type is not RenewalType.CRITERIA and program.renewal_of(tier).criteria is None
    ascending = tier.start is not None and tier.below is None and tier.requires is None
    return falls_to_qualified and held and by_ladder and ascending
