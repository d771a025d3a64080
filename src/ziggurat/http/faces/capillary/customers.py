"""What all reads of customers share: who is meant, refusals as v2 words them, and how a tier's end is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ziggurat.app.members.read_member import read_member
from ziggurat.app.members.views import StandingView
from ziggurat.errors import ZigguratError
from ziggurat.http.face_support.routes import Visit
from ziggurat.http.faces.capillary import wire_members as wire
from ziggurat.http.faces.capillary.errors import CapillaryError, Said, plain
from ziggurat.http.faces.capillary.numbers import number_of
from ziggurat.program.calendar import NEVER, Period, Unit, calendar
from ziggurat.program.model import Program, Tier
from ziggurat.store.errors import NotFoundError

BAD_PROGRAM, NOT_FOUND, NO_ACTION, NO_VALIDITY = 1101, 8015, 8917, 8920
NO_NUMBER, NO_SLAB, NOT_HIGHER, NOT_NUMERIC = 8921, 8923, 8925, 11030
FOREVER = Period(100, Unit.YEARS)
"""How far ahead the end of a tier is told that has none."""
SECOND = 1_000_000


def v2(run: Callable[[Visit], Any]) -> Callable[[Visit], Any]:
    """`run`, whose refusals go out in the envelope of v2."""

    @wraps(run)
    def within(visit: Visit) -> Any:
        try:
            return run(visit)
        except CapillaryError as error:
            raise CapillaryError(error.status, *map(_renumbered, error.errors), v2=True) from None
        except NotFoundError:
            raise refusal(NOT_FOUND, "no such customer", 404) from None
        except ZigguratError as error:
            if error.code in ("invalid_request", "event_refused", "member_erased", "member_merged"):
                raise CapillaryError(400, plain(str(error)), v2=True) from None
            raise

    return within


def _renumbered(said: Said) -> Said:
    if said.message.startswith("slabAction:"):
        return Said(NO_ACTION, said.message)
    return Said(NO_VALIDITY, said.message) if said.message.startswith("manualSlabActionValidity:") else said


def refusal(number: int, message: str, status: int = 400) -> CapillaryError:
    """A refusal of v2 with a number of its own."""
    return CapillaryError(status, Said(number, message), v2=True)


def source_of(visit: Visit, *more: str) -> str:
    """The query's `source`, one of the vendor's or of `more`."""
    source = visit.request.query_params.get("source", "")
    if source not in (*wire.SOURCES, *more):
        raise CapillaryError(400, plain(f"source is one of {', '.join((*wire.SOURCES, *more))}"))
    return source


def customer_of(visit: Visit, *, identifiers: tuple[str, ...] = wire.IDENTIFIERS) -> str:
    """The member that the query names: the first identifier that anybody has."""
    query = visit.request.query_params
    names, values = query.get("identifierName", "").split(","), query.get("identifierValue", "").split(",")
    if len(names) != len(values) or not all(values) or not set(names) <= set(identifiers):
        listed = f"{', '.join(identifiers[:-1])} or {identifiers[-1]}"
        raise CapillaryError(400, plain(f"identifierName is {listed}, and identifierValue its value"))
    for name, value in zip(names, values, strict=True):
        if name == "id" and number_of(value) is None:
            raise refusal(NOT_NUMERIC, "identifierValue of an id is a number")
        try:
            return read_member(visit.context, value, outlook=False).id
        except NotFoundError:
            continue
    raise refusal(NOT_FOUND, "no such customer", 404)


def serial_of(ladder: tuple[Tier, ...], name: str) -> int:
    """The place of the tier with that name, from 1; 0 for none."""
    return next((place for place, tier in enumerate(ladder, 1) if tier.name == name), 0)


def last_second(program: Program, standing: StandingView, now: int) -> int:
    """The last second in which the tier is held, a hundred years on where it has no end."""
    override = standing.override
    end = override.until if override and override.until is not None else standing.expires_at
    return second_before(program, end, now)


def second_before(program: Program, end: int | None, now: int) -> int:
    """The second before `end`, or a hundred years on where there is none."""
    if end is None or end == NEVER:
        end = calendar(program.time_zone).add(now // SECOND * SECOND, FOREVER)
    return end - SECOND
