"""How much a reversal undoes: the one place where shares are reckoned.

`points`, `amount` or `quantity` of a reversal say how much of the original is undone, the others follow in proportion
to what remains (rounded down to a ten-thousandth, so that parts never add up to more than the whole); none of them
undoes all that remains. (docs/rules.md, "Reversals")
"""

from __future__ import annotations

from dataclasses import dataclass

from ziggurat.errors import ZigguratError
from ziggurat.program.amounts import format_units
from ziggurat.program.events import REVERSIBLE, Event, EventType


class UnacceptableReversalError(ZigguratError):
    """A reversal that undoes nothing that is there to be undone."""

    code = "unacceptable_reversal"


@dataclass(frozen=True, slots=True)
class Holding:
    """What is left of an event, or a share of it: signed like the event, in ten-thousandths.

    `whole` says that an order or an activity still counts as one (of a share: that it stops counting).
    """

    points: int
    amount: int
    quantity: int
    whole: bool = True

    def less(self, share: Holding) -> Holding:
        """What is left when `share` is undone."""
        return Holding(
            self.points - share.points,
            self.amount - share.amount,
            self.quantity - share.quantity,
            self.whole and not share.whole,
        )


def holding_of(event: Event) -> Holding:
    """All of `event`, as it stands before any reversal."""
    quantity = event.quantity if event.quantity is not None else 10_000
    return Holding(event.points or 0, event.amount or 0, quantity if event.type is EventType.ACTIVITY else 0)


def share_of(event: Event, left: Holding, reversal: Event) -> Holding:
    """The share of `event` that `reversal` undoes, of which `left` is still there.

    Raises:
        UnacceptableReversalError: the event cannot be reversed, the reversal comes before it, or it undoes more than
            remains or something the event does not have.
    """
    if event.type not in REVERSIBLE:
        raise UnacceptableReversalError(f"{event.type} cannot be reversed; send an event that says what is true now")
    if reversal.member != event.member:
        raise UnacceptableReversalError(f"it reverses an event of another member ({event.member})")
    if reversal.occurred_at < event.occurred_at:
        raise UnacceptableReversalError("it happens before the event that it reverses")
    if not left.whole:
        raise UnacceptableReversalError("nothing is left to reverse")
    asked = {"points": reversal.points, "amount": reversal.amount, "quantity": reversal.quantity}
    said = {name: part for name, part in asked.items() if part is not None}
    if not said:
        return left
    for name, part in said.items():
        rest = abs(getattr(left, name))
        if part <= 0:
            raise UnacceptableReversalError(f"its {name} must be more than zero: a reversal undoes that much")
        if part > rest:
            raise UnacceptableReversalError(
                f"it undoes {format_units(part)} {name} where {format_units(rest)} are left"
            )
    lead = next(name for name in ("amount", "points", "quantity") if name in said)
    shares = {name: _part(getattr(left, name), said.get(name), said[lead], abs(getattr(left, lead))) for name in asked}
    rest_is_nothing = all(getattr(left, name) == share for name, share in shares.items())
    return Holding(**shares, whole=rest_is_nothing)


def _part(left: int, said: int | None, lead: int, lead_left: int) -> int:
    """The part of `left` undone: as said, or in the proportion `lead / lead_left`, rounded towards zero."""
    magnitude = said if said is not None else abs(left) * lead // lead_left
    return magnitude if left >= 0 else -magnitude
