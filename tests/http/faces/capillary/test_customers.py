"""Customers' details: points and tiers, what is short of the next and of keeping the one there is, and the history."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.capillary.conftest import CLUB, make_program
from tests.http.faces.capillary.test_members import WHOM, adjust, earn, standing
from tests.store.conftest import backend, database_url, postgres, postgres_template, sqlite_template

__all__ = ["backend", "database_url", "postgres", "postgres_template", "sqlite_template"]
ANN = "/capillary/v2/customers/ann"
LOOKUP = "/capillary/v2/customers/lookup/customerDetails"
V1 = "/capillary/v1.1/customer/get"
DAY = 86_400
YEAR_ON = {"measure": "spend", "window": {"rolling": {"months": 12}}, "from": 500}
SHOP: dict[str, Any] = {
    **CLUB,
    "name": "Shop",
    "qualification": {"measure": "spend"},
    "expiration": {"type": "fixed_duration", "period": {"months": 12}, "check": "month_end"},
    "renewal": {
        "type": "criteria",
        "criteria": {"any": 1, "of": [YEAR_ON, {**YEAR_ON, "measure": "orders", "from": 3}]},
    },
    "tiers": [
        {"name": "Gold", "id": "gold", "from": 100, "description": "The second"},
        {"name": "Black", "id": "black", "from": 1000, "requires": {"measure": "points_balance", "from": 50}},
    ],
    "metadata": {"capillary": {"programId": 974}},
}


@pytest.fixture
def served(serve_with: Callable[..., Served], database_url: str) -> Served:
    """Over either database."""
    return serve_with(database_url=database_url)


def details(client: TestClient, **query: Any) -> dict[str, Any]:
    answer = client.get(ANN, params={"source": "INSTORE", **query})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def customer(client: TestClient, **query: Any) -> dict[str, Any]:
    answer = client.get(V1, params={"format": "json", "external_id": "ann", **query})
    assert answer.status_code == 200, answer.text
    response = answer.json()["response"]
    assert response["status"]["code"] == 200
    (told,) = response["customers"]["customer"]
    return dict(told)


def buy(native: TestClient, amount: int, at: str) -> None:
    event = {"id": f"o-{at}", "member": "ann", "type": "order.placed", "occurred_at": at, "amount": amount}
    assert native.post("/v1/events", json=[event]).status_code == 200


def test_points_and_tiers_are_told_in_numbers_with_a_fraction(
    club: str, maker: TestClient, native: TestClient, served: Served
) -> None:
    earn(native, 60_000)
    back = {"id": "r", "member": "ann", "type": "reversal", "occurred_at": "2025-06-02T10:00:00Z", "points": 4_000}
    spent = {"id": "s", "member": "ann", "type": "points.spent", "occurred_at": "2025-06-03T10:00:00Z", "points": 1_000}
    said = [{**back, "reverses": "e-2025-06-01T10:00:00Z-60000"}, spent]
    assert native.post("/v1/events", json=said).status_code == 200
    buy(native, 70, "2025-06-04T10:00:00Z")

    answer = maker.get(ANN, params={"source": "INSTORE", "embed": "points"})

    assert '"loyaltyPoints":55000.0,' in answer.text
    summary = answer.json()["pointsSummary"]
    assert {name: summary[name] for name in ("redeemed", "returned", "expired", "adjusted")} == {
        "redeemed": 1000.0,
        "returned": 4000.0,
        "expired": 0.0,
        "adjusted": 0.0,
    }
    assert (summary["lifetimePoints"], summary["cumulativePurchases"]) == (56_000.0, 70.0)
    assert (summary["currentSlab"], summary["slabSNo"]) == ("Gold", 2)
    assert (summary["nextSlab"], summary["nextSlabSerialNumber"]) == ("", -1)
    assert summary["slabExpiryDate"] == "2026-06-01T09:59:59+00:00"
    assert "loyaltyProgramDetails" not in answer.json()
    assert answer.json()["loyaltyInfo"]["lifetimePurchases"] == 70.0


def test_the_gap_to_the_next_tier_is_what_the_native_api_calls_missing(
    club: str, maker: TestClient, native: TestClient
) -> None:
    earn(native, 12_345)

    told = details(maker, embed="mlp", gapToUpgrade=0)

    (strategy,) = told["gapToUpgrade"]
    assert strategy == {
        "upgradeBasedOn": "CURRENT_POINTS",
        "upgradeThreshold": 50_000.0,
        "customerUpgradeEntityValues": {
            "currentValue": 12_345.0,
            "gapToUpgrade": 37_655.0,
            "valueValidUpto": "2125-07-01",
        },
    }
    assert standing(native)["progress"]["missing"] == 37_655
    (program,) = told["loyaltyProgramDetails"]
    assert (program["programId"], program["programTitle"]) == (973, "Club")
    assert program["upgradeStrategies"] == [strategy]


def test_without_mlp_no_gap_is_told(club: str, maker: TestClient, native: TestClient) -> None:
    earn(native, 12_345)

    assert not {"gapToUpgrade", "gapToRenew", "loyaltyProgramDetails"} & set(
        details(maker, gapToUpgrade=0, gapToRenew=0)
    )
    assert "gap_to_upgrade" not in str(customer(maker, gap_to_upgrade_for=0))


def test_at_the_top_nothing_is_short_and_in_the_base_tier_nothing_is_to_be_renewed(
    club: str, maker: TestClient, native: TestClient
) -> None:
    earn(native, 100)
    assert "gapToRenew" not in details(maker, embed="mlp", gapToUpgrade=0, gapToRenew=0)
    earn(native, 60_000, "2025-06-02T10:00:00Z")
    assert details(maker, embed="mlp", gapToUpgrade=0)["gapToUpgrade"] == []


def test_each_condition_of_the_next_tier_and_of_renewal_is_told(maker: TestClient, native: TestClient) -> None:
    """What was bought before the tier was entered is over when it is checked, and does not count for renewing."""
    make_program(native, SHOP)
    buy(native, 60, "2025-05-01T10:00:00Z")
    buy(native, 50, "2025-06-01T10:00:00Z")

    told = details(maker, embed="mlp", gapToUpgrade=0, gapToRenew=0)

    assert [
        (each["upgradeBasedOn"], each["upgradeThreshold"], each["customerUpgradeEntityValues"]["gapToUpgrade"])
        for each in told["gapToUpgrade"]
    ] == [("CUMULATIVE_PURCHASES", 1000.0, 890.0), ("CURRENT_POINTS", 50.0, 50.0)]
    assert told["gapToRenew"] == {
        "tierExpiryDate": "2026-06-01",
        "renewConfirmed": False,
        "renewStrategies": [
            {
                "renewBasedOn": "PURCHASE",
                "renewThreshold": 500.0,
                "customerRenewEntityValue": 0.0,
                "customerGapToRenewValue": 500.0,
            },
            {
                "renewBasedOn": "VISITS",
                "renewThreshold": 3.0,
                "customerRenewEntityValue": 0.0,
                "customerGapToRenewValue": 3.0,
            },
        ],
    }


def test_days_ahead_are_looked_ahead_as_if_nothing_more_happened(
    maker: TestClient, native: TestClient, served: Served
) -> None:
    tracked = {"measure": "points_earned", "window": {"rolling": {"days": 30}}}
    tracker = {
        "trackerId": 7,
        "trackerName": "Month",
        "measure": "points_earned",
        "cases": [{"trackerCondition": 1, "window": {"rolling": {"days": 30}}}],
    }
    kept = {"programId": 973, "trackers": [tracker], "kpiType": "TRACKER_VALUE"}
    make_program(native, {**CLUB, "qualification": tracked, "metadata": {"capillary": kept}})
    earn(native, 20_000, "2025-06-20T10:00:00Z")

    def gap(days: int) -> tuple[float, str]:
        (strategy,) = details(maker, embed="mlp", gapToUpgrade=days)["gapToUpgrade"]
        assert strategy["upgradeBasedOn"] == "TRACKER_VALUE_BASED"
        assert strategy["upgradeEntityIdentifiers"] == {
            "trackerName": "Month",
            "trackerType": "POINTS_EARNED",
            "trackerMode": "MOVING_WINDOW",
            "trackerCaseName": "1",
            "trackerCasePeriodType": "DAYS",
            "trackerCasePeriodValue": "30",
        }
        values = strategy["customerUpgradeEntityValues"]
        return values["gapToUpgrade"], values["valueValidUpto"]

    assert gap(0) == (30_000.0, "2025-07-20")
    assert gap(30) == (50_000.0, "2125-07-01")


@pytest.mark.parametrize("days", ["-1", "x", "1.5", "99999"])
def test_days_ahead_are_a_number_from_0(club: str, maker: TestClient, native: TestClient, days: str) -> None:
    earn(native, 1)
    answer = maker.get(ANN, params={"source": "INSTORE", "embed": "mlp", "gapToUpgrade": days})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 999999)
    answer = maker.get(V1, params={"external_id": "ann", "mlp": "true", "gap_to_renew_for": days})
    assert (answer.status_code, answer.json()["response"]["status"]["success"]) == (400, "false")


def test_embed_is_read_however_it_is_written(club: str, maker: TestClient, native: TestClient) -> None:
    earn(native, 1)
    for said in (["points", "mlp"], ["points,MLP"], ['"points"', "mlp", "subscriptions"]):
        told = maker.get(ANN, params={"source": "INSTORE", "embed": said}).json()
        assert {"pointsSummary", "loyaltyProgramDetails"} <= set(told)
    answer = maker.get(ANN, params={"source": "INSTORE", "embed": "everything"})
    assert answer.status_code == 400


def test_a_customer_is_looked_up_and_an_unknown_one_is_not_there(
    club: str, maker: TestClient, native: TestClient
) -> None:
    earn(native, 60_000)

    assert maker.get(LOOKUP, params=WHOM).json() == details(maker)
    for answer in (
        maker.get(LOOKUP, params={**WHOM, "identifierValue": "bob"}),
        maker.get("/capillary/v2/customers/bob", params={"source": "ALL"}),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, 8015)
    assert maker.get(ANN).status_code == 400


def test_the_older_read_says_the_same_in_texts(maker: TestClient, native: TestClient) -> None:
    make_program(native, SHOP)
    buy(native, 110, "2025-06-01T10:00:00Z")

    told = customer(maker, mlp="true", gap_to_upgrade_for=0, gap_to_renew_for=0, user_id="true")

    (summary,) = told["points_summaries"]["points_summary"]
    assert (summary["programId"], summary["currentSlab"], summary["slabSNo"]) == ("974", "Gold", "2")
    first = summary["gap_to_upgrade"]["upgrade_strategy"][0]
    assert first == {
        "upgrade_based_on": "CUMULATIVE_PURCHASES",
        "upgrade_entity_identifers": {},
        "upgrade_threshold": "1000",
        "customer_upgrade_entity_values": {
            "current_value": "110",
            "gap_to_upgrade": "890",
            "value_valid_upto": "2125-07-01",
        },
    }
    renewal = summary["gap_to_renew"]
    assert (renewal["tier_expiry_date"], renewal["renew_confirmed"]) == ("2026-06-01", "false")
    assert renewal["renew_strategy"][0]["renew_entity_identifiers"] == {}
    newer = details(maker)
    assert (told["user_id"], told["current_slab"]) == (str(newer["id"]), "Gold")


def test_the_history_of_tiers_is_told_newest_first_with_the_ends_of_both_tiers(
    club: str, maker: TestClient, native: TestClient, served: Served
) -> None:
    earn(native, 60_000)
    served.clock.pass_seconds(DAY)
    assert adjust(maker, slabAction="DOWNGRADE", toSlabName="Blue").status_code == 200

    history = customer(maker, mlp="true", slab_history="true")["slab_history"]

    assert [(each["from"], each["to"], each["type"], each["program_id"]) for each in history] == [
        ("Gold", "Blue", "Downgrade", "973"),
        ("Blue", "Gold", "Upgrade", "973"),
    ]
    assert [each["changed_on"] for each in history] == ["2025-07-02 12:00:00", "2025-06-01 10:00:00"]
    assert history[0]["from_tier_expiry_date"] == history[1]["to_tier_expiry_date"] == "2026-06-01 09:59:59"
    assert "slab_history" not in customer(maker, mlp="true")
    moves = native.get("/v1/members/ann/timeline").json()["items"]
    assert [(move["from_tier"], move["to_tier"]) for move in moves] == [("", "Gold"), ("Gold", "Blue")]


def test_of_several_customers_each_is_told_whether_she_is_there(
    club: str, maker: TestClient, native: TestClient
) -> None:
    earn(native, 60_000)

    some = maker.get(V1, params={"external_id": "ann,bob"}).json()["response"]
    none = maker.get(V1, params={"mobile": "bob"}).json()["response"]

    assert some["status"] == {
        "success": "true",
        "code": 201,
        "message": "Partial success",
        "total": "2",
        "success_count": "1",
    }
    assert [each["item_status"]["code"] for each in some["customers"]["customer"]] == ["1000", "1011"]
    assert (none["status"]["success"], none["status"]["code"]) == ("false", 500)
    assert none["customers"]["customer"][0]["mobile"] == "bob"


@pytest.mark.parametrize("query", [{}, {"external_id": ","}, {"external_id": "ann", "format": "xml"}])
def test_the_older_read_refuses_in_its_own_envelope(
    club: str, maker: TestClient, native: TestClient, query: dict[str, str]
) -> None:
    answer = maker.get(V1, params=query)

    assert answer.status_code == 400
    assert set(answer.json()["response"]["status"]) == {"success", "code", "message"}
