"""Whether a requirement holds, and which tier of a ladder is thereby qualified for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from ziggurat.program.amounts import SCALE
from ziggurat.program.model import AtLeast, Condition, Expression, Measure, Not, Program, Requirement, Tier, Window

Reading: TypeAlias = Callable[[Measure, Window], Fraction | int]
"""The value of a measure over a window, in ten-thousandths; an average is a fraction, so that it compares exactly."""


def within(value: Fraction | int, start: Decimal | None, below: Decimal | None) -> bool:
    """Whether `start <= value < below`."""
    return (start is None or value >= Fraction(start) * SCALE) and (below is None or value < Fraction(below) * SCALE)


def holds(requirement: Requirement, read: Reading) -> bool:
    """Whether `requirement` holds on the values that `read` gives."""
    match requirement:
        case Condition(measure, window, start, below):
            return within(read(measure, window), start, below)
        case AtLeast(count, of):
            return sum(holds(each, read) for each in of) >= count
        case Not(of):
            return not holds(of, read)
        case Expression(tree=tree):
            return holds(tree, read)


def qualifies(tier: Tier, program: Program, read: Reading) -> bool:
    """Whether every requirement of `tier` holds; the base tier needs nothing."""
    if tier.start is not None or tier.below is not None:
        value = read(program.qualification.measure, program.qualification.window)
        if not within(value, tier.start, tier.below):
            return False
    return tier.requires is None or holds(tier.requires, read)


def qualified(program: Program, read: Reading) -> int:
    """The index of the highest tier of the ladder whose requirements all hold, -1 for none."""
    ladder = program.ladder
    return next((i for i in range(len(ladder) - 1, -1, -1) if qualifies(ladder[i], program, read)), -1)


def conditions(requirement: Requirement) -> list[Condition]:
    """Every condition in `requirement`, left to right."""
    match requirement:
        case Condition():
            return [requirement]
        case AtLeast(of=of):
            return [leaf for each in of for leaf in conditions(each)]
        case Not(of):
            return conditions(of)
        case Expression(tree=tree):
            return conditions(tree)


def readings_of(program: Program) -> list[tuple[Measure, Window]]:
    """Every measure and window that `program` reads, once each, its own qualification's first."""
    requirements = [tier.requires for tier in program.ladder if tier.requires]
    renewals = [program.renewal_of(tier).criteria for tier in program.ladder]
    requirements += [criteria for criteria in renewals if criteria]
    read = [(program.qualification.measure, program.qualification.window)]
    read += [(leaf.measure, leaf.window) for requirement in requirements for leaf in conditions(requirement)]
    return list(dict.fromkeys(read))
