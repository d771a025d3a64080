"""What reading a member over HTTP costs at least: the framework, the row by the same store, JSON, nothing else.

    python -m benchmarks.support.bare_app DATABASE_URL

No key, no checks, no log, no evaluation. Served exactly as `ziggurat serve` serves.
"""

import sys
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from benchmarks.support.base import ORGANIZATION
from ziggurat.app.access.read_organization import find_organization
from ziggurat.cli.serve import _run
from ziggurat.http.service import Service
from ziggurat.http.settings import Settings
from ziggurat.store.repositories import members


def bare_app(settings: Settings) -> FastAPI:
    """One route: the row of `members` as JSON. SQLite is read inline, PostgreSQL in a thread, as the service does."""
    service = Service.start(settings)
    database = service.database
    scope = find_organization(database, ORGANIZATION)
    assert scope is not None
    app = FastAPI(openapi_url=None)
    app.state.service = service

    def row(name: str) -> JSONResponse:
        with database.reading() as connection:
            found = members.get(connection, scope, name)
        assert found is not None
        return JSONResponse(found._asdict())

    async def inline(name: str) -> JSONResponse:
        return row(name)

    handler: Callable[..., object] = inline if database.is_sqlite else row
    app.get("/v1/members/{name}", response_model=None)(handler)
    return app


def main() -> None:
    settings = Settings(database_url=sys.argv[1], port=0, worker_threads=0)
    sys.exit(_run(bare_app(settings), settings))


if __name__ == "__main__":
    main()
