"""Another organization's key sees nothing of one's audiences, whichever operation it asks."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.fanfare.conftest import AUDIENCES, CONSUMERS, GROUPS
from tests.http.faces.fanfare.test_audiences import RULES, make
from tests.http.faces.fanfare.test_loyalty_tiers import earn, group_body, made
from ziggurat.app.principal import KeyScope
from ziggurat.http.faces.fanfare.application import fanfare_document

OPERATIONS = [
    (method.upper(), path)
    for path, methods in fanfare_document()["paths"].items()
    for method in methods
    if re.search(r"\{(audience|group|rule|consumer)Id\}", path)
]
BODIES: dict[str, Any] = {
    "PUT /api/audiences/loyalty-tiers/{groupId}": group_body(),
    "PUT /api/audiences/{audienceId}/rules": {"rules": []},
}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_is_another_organizations_is_not_there(served: Served, method: str, path: str) -> None:
    mine, native, other = served.client(), served.client(), served.client("second")
    earn(native, ada=600)
    group = made(mine)
    audience = make(mine, rules=RULES)
    (consumer,) = mine.get(CONSUMERS).json()["data"]
    known = {
        "audienceId": audience["id"],
        "groupId": group["tierGroup"],
        "ruleId": audience["rules"][0]["id"],
        "consumerId": consumer["id"],
    }
    address = "/fanfare" + re.sub(r"\{(\w+)\}", lambda found: known[found[1]], path)
    before = (mine.get(AUDIENCES).json(), mine.get(CONSUMERS).json())

    answer = other.request(method, address, json=BODIES.get(f"{method} {path}", {}))

    assert answer.status_code == 404, answer.text
    assert list(answer.json()) == ["error"]
    assert (mine.get(AUDIENCES).json(), mine.get(CONSUMERS).json()) == before


def test_lists_hold_ones_own_only(served: Served) -> None:
    made(served.client())
    other = served.client("second")

    assert other.get(AUDIENCES).json()["data"] == []
    assert other.get(CONSUMERS).json()["data"] == []


def test_a_group_may_be_called_as_another_organizations(served: Served) -> None:
    group = made(served.client())["tierGroup"]
    other = served.client("second")

    mine = make(other, groupId=group)

    assert other.get(f"{GROUPS}/{group}").json() == [mine]
    assert len(served.client().get(f"{GROUPS}/{group}").json()) == 3


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        ({KeyScope.READ}, "GET", "", 200),
        ({KeyScope.INGEST}, "GET", "", 403),
        ({KeyScope.READ}, "POST", "", 403),
        ({KeyScope.INGEST}, "POST", "/{id}/members", 200),
        ({KeyScope.DESIGN}, "POST", "/{id}/members", 403),
        ({KeyScope.DESIGN}, "DELETE", "/{id}", 200),
        ({KeyScope.INGEST}, "DELETE", "/{id}", 403),
    ],
)
def test_each_operation_needs_its_scope(
    served: Served, scopes: set[KeyScope], method: str, path: str, status: int
) -> None:
    audience = make(served.client(), type="STATIC_LIST")
    client: TestClient = served.client(scopes=frozenset(scopes))

    answer = client.request(method, AUDIENCES + path.format(id=audience["id"]), json={"consumerIds": []})

    assert answer.status_code == status
    if status == 403:
        assert answer.json() == {"error": answer.json()["error"]}
