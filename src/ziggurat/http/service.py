"""What all doors of one process share: the database, the clock, and the few things that live in memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from anyio import CapacityLimiter

from ziggurat.app.upkeep.measure_service import measure_service
from ziggurat.http.key_uses import KeyUses
from ziggurat.http.metrics import Metrics
from ziggurat.http.page_cursors import Cursors
from ziggurat.http.principal_cache import PrincipalCache
from ziggurat.http.rate_limits import RateLimiter
from ziggurat.http.settings import Settings
from ziggurat.store.database import Database
from ziggurat.store.objects import Objects, open_objects
from ziggurat.store.schema import open_database

Clock = Callable[[], int]
"""The present, in UTC microseconds."""


def system_clock() -> int:
    """The machine's clock."""
    return time.time_ns() // 1_000


@dataclass(frozen=True, slots=True)
class Service:
    """One process's share of the service.

    `slots` bounds how many requests use the database at once, `writers` how many of them write: SQLite lets one at a
    time, and those who wait in line here are quicker and served in order, unlike those who wait in SQLite.
    """

    settings: Settings
    database: Database
    clock: Clock
    cursors: Cursors
    limiter: RateLimiter
    metrics: Metrics
    slots: CapacityLimiter
    writers: CapacityLimiter
    principals: PrincipalCache
    key_uses: KeyUses
    objects: Objects

    @classmethod
    def start(cls, settings: Settings, clock: Clock = system_clock) -> Service:
        """Open the database and set up the rest.

        Raises:
            StoreError: the database cannot be opened, or has another schema.
        """
        database = open_database(
            settings.database_url,
            connections_max=settings.database_connections,
            lock_timeout_ms=settings.lock_timeout_ms,
            statement_timeout_ms=settings.statement_timeout_ms,
            synchronous=settings.sqlite_synchronous,
        )
        return cls(
            settings=settings,
            database=database,
            clock=clock,
            cursors=Cursors.of_database(settings.database_url),
            limiter=RateLimiter(settings.rate_limit_per_minute),
            metrics=Metrics(lambda: measure_service(database, clock())),
            slots=(slots := CapacityLimiter(settings.database_connections)),
            writers=CapacityLimiter(1) if database.is_sqlite else slots,
            principals=PrincipalCache(clock),
            key_uses=KeyUses(database),
            objects=open_objects(settings.objects),
        )
