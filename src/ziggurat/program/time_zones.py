"""Which names are time zones, and which one somebody may have meant."""

from __future__ import annotations

from functools import lru_cache

from whenever import TimeZoneNotFoundError, available_timezones

from ziggurat.program.calendar import calendar
from ziggurat.program.near_words import nearest


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_time_zone(name: str) -> bool:
    """Whether `name` is a zone of the IANA database, spelled as there: other spellings load on some systems only."""
    if name not in _zones():
        return False
    try:
        calendar(name)
    except TimeZoneNotFoundError:
        return False
    return True


def zone_remedy(name: str) -> str:
    """What to write instead of `name`, which is no time zone.

    >>> zone_remedy("paris")
    'did you mean "Europe/Paris"?'
    """
    near = nearest(name, _zones())
    if near is None:
        cities = {zone.rpartition("/")[2]: zone for zone in sorted(_zones(), reverse=True) if "/" in zone}
        city = nearest(name.replace(" ", "_"), cities)
        near = cities[city] if city else None
    return f'did you mean "{near}"?' if near else 'use an IANA name such as "Europe/Paris"'
