"""What bodies may say: exactly what their schema says, numbers digit by digit."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from ziggurat import limits
from ziggurat.http import json_text
from ziggurat.http.fields import identifier_of, instant_of, instant_text, units_of
from ziggurat.http.json_pointers import pointer, pointer_of_path
from ziggurat.program.amounts import format_units

LARGEST = limits.AMOUNT_MAX * 10_000
VISIT = {"member": "ada", "type": "activity", "activity": "visit", "occurred_at": "2025-07-01T12:00:00Z"}


@given(st.integers(-LARGEST, LARGEST))
def test_amounts_survive_the_way_out_and_in_digit_by_digit(units: int) -> None:
    written = json_text.render([json_text.number(units)])
    assert written.decode().strip("[]").removesuffix(".0") == format_units(units)
    assert units_of(json_text.parse(written)[0]) == units


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0.1", 1_000),
        ("1e3", 10_000_000),
        ("12345678901234.5678", 123456789012345678),
        ("-0", 0),
        ("1.50000000", 15_000),
    ],
)
def test_numbers_are_read_from_their_digits(text: str, units: int) -> None:
    assert units_of(json_text.parse(text.encode())) == units


@pytest.mark.parametrize(
    "text", ["0.00001", "0.1000000000000000055", "1e15", "1e399", '"5"', "true", "null", "0." + "1" * 50]
)
def test_numbers_that_no_amount_can_be_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        units_of(json_text.parse(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "1e999999999",
        "-1e-999999999",
        "0e999999999",
        "Infinity",
        "-Infinity",
        "1" * 61,
        "[" * 100_000,
        "{",
        "",
        "\xff",
        "nul",
        "1 2",
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(json_text.UnreadableJsonError):
        json_text.parse(text.encode("latin-1"))


def test_a_number_in_disguise_cannot_be_smuggled_into_an_answer() -> None:
    assert json.loads(json_text.render(["\x0012.5\x00", Decimal("12.50")])) == ["\x0012.5\x00", 12.5]


@given(st.integers(0, 7_258_118_399_999_999))
def test_instants_survive_the_way_out_and_in(microseconds: int) -> None:
    assert instant_of(instant_text(microseconds)) == microseconds


@pytest.mark.parametrize(
    "text",
    [
        "2025-07-01T12:00:00",
        "2025-07-01",
        "0",
        "1751371200",
        "2025-07-01 12:00:00Z",
        "2025-02-30T00:00:00Z",
        "2025-07-01T12:00:00.1234567Z",
        "2025-07-01T24:00:01Z",
        "1969-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "٢٠٢٥-07-01T12:00:00Z",
        "2025-07-01T12:00:00+25:00",
    ],
)
def test_times_that_are_no_instants_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        instant_of(text)


def test_an_offset_is_taken_into_account_at_the_edge_of_time() -> None:
    assert instant_of("1969-12-31T23:00:00-01:00") == 0
    with pytest.raises(ValueError, match="years"):
        instant_of("1970-01-01T00:30:00+01:00")


@pytest.mark.parametrize("text", ["", "x" * 201, "a\x00b", "a\nb", " a", "a ", "a\u0085b", "\ud800"])
def test_identifiers_are_short_and_visible(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        identifier_of(text)


@pytest.mark.parametrize("text", ["a", "Ada Lovelace", "a/b?c#d", "日本", "é" * 200, "🥇"])
def test_identifiers_may_have_any_script(text: str) -> None:
    assert identifier_of(text) == text


def test_pointers_escape_what_rfc_6901_wants_escaped() -> None:
    assert pointer(["a/b", "c~d", 3]) == "/a~1b/c~0d/3"
    assert pointer_of_path("tiers[2].requires.all[0].from") == "/tiers/2/requires/all/0/from"
    assert pointer_of_path("") == ""


def test_all_faults_are_told_at_once(client: TestClient) -> None:
    body = {"name": 5, "scopes": ["read", "fly", 7], "colour": "red"}
    answer = client.post("/v1/keys", json=body)
    assert answer.status_code == 422
    faults = {fault["pointer"]: fault["detail"] for fault in answer.json()["faults"]}
    assert faults["/name"] == "write a text in quotes"
    assert faults["/colour"] == "is not a field here"
    assert {"/scopes/1", "/scopes/2"} <= set(faults)


@pytest.mark.parametrize(
    ("address", "body", "fault"),
    [
        ("/v1/keys", {"nam": "till", "scopes": ["read"], "name": "till"}, ("/nam", 'did you mean "name"?')),
        ("/v1/keys", {"colour": 1, "scopes": ["read"], "name": "till"}, ("/colour", "use one of name, scopes")),
        ("/v1/events", [{**VISIT, "amont": 5}], ("/0/amont", 'did you mean "amount"?')),
        ("/v1/events", {**VISIT, "zzzzzz": 5}, ("/zzzzzz", "leave it out")),
    ],
)
def test_an_unknown_field_comes_with_the_one_that_was_meant(
    client: TestClient, address: str, body: object, fault: tuple[str, str]
) -> None:
    (said,) = client.post(address, json=body).json()["faults"]
    assert (said["pointer"], said["detail"], said["remedy"]) == (fault[0], "is not a field here", fault[1])


_EVENT = '"member": "m1", "type": "points.earned", "occurred_at": "2025-07-01T12:00:00Z", "points": 5'


@pytest.mark.parametrize(
    ("address", "body", "pointers"),
    [
        ("/v1/keys", '{"name": "a", "scopes": ["read"], "name": "b"}', ["/name"]),
        ("/v1/keys", '{"name": "a", "n\\u0061me": "b", "scopes": [], "scopes": []}', ["/name", "/scopes"]),
        ("/v1/events", f'{{{_EVENT}, "points": 6}}', ["/points"]),
        ("/v1/events", f'[{{{_EVENT}}}, {{{_EVENT}, "qualifying": true, "qualifying": true}}]', ["/1/qualifying"]),
        ("/v1/events", f'[{{{_EVENT}, "points" : 5}}]', ["/0/points"]),
        ("/v1/webhook-endpoints", '{"url": "x", "settings": {"a": {"b": 1, "b": 2}}}', ["/settings/a/b"]),
    ],
)
def test_what_is_said_twice_is_refused_where_it_stands(
    client: TestClient, address: str, body: str, pointers: list[str]
) -> None:
    answer = client.post(address, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")
    said = [fault["pointer"] for fault in answer.json()["faults"] if fault["detail"] == "is given more than once"]
    assert said == pointers


def test_what_a_line_says_twice_is_refused_where_it_stands(client: TestClient) -> None:
    body = f'{{{_EVENT}}}\n{{{_EVENT}, "member": "m2"}}\n'
    answer = client.post("/v1/events", content=body, headers={"content-type": "application/x-ndjson"})
    assert (answer.status_code, answer.json()["faults"][0]["pointer"]) == (400, "/1/member")
    assert client.get("/v1/members/m1").status_code == 404


def test_what_a_use_case_refuses_of_a_body_is_pointed_at(client: TestClient) -> None:
    endpoint = {"url": "https://example.com/hook", "types": ["tier.upgrade"]}
    (said,) = client.post("/v1/webhook-endpoints", json=endpoint).json()["faults"]
    assert said["pointer"] == "/types"
    assert said["detail"] == "has 'tier.upgrade', which is no type of message: did you mean \"tier.upgraded\"?"


def test_an_unknown_parameter_comes_with_the_one_that_was_meant(client: TestClient) -> None:
    for address, name, remedy in (
        ("/v1/members/ada?asof=2025", "asof", 'did you mean "as_of"?'),
        ("/v1/organization?as_of=2025", "as_of", "leave it out"),
    ):
        (said,) = client.get(address).json()["faults"]
        assert said == {"parameter": name, "detail": "is not a parameter here", "remedy": remedy}


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["read"]},
        {"name": "till", "scopes": []},
        {"name": "till"},
        {"name": "a\u0000b", "scopes": ["read"]},
        {"name": "x" * 201, "scopes": ["read"]},
        {"name": "till", "scopes": "read"},
        [],
        "till",
        None,
        5,
    ],
)
def test_bodies_outside_of_the_schema_are_refused(client: TestClient, body: object) -> None:
    headers = {"content-type": "application/json"}
    answer = client.post("/v1/keys", content=json.dumps(body), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["faults"]


def test_text_that_utf8_cannot_say_is_refused(client: TestClient) -> None:
    headers = {"content-type": "application/json", "if-match": "*"}
    answer = client.patch("/v1/organization", content=rb'{"settings": {"a": "\ud800"}}', headers=headers)
    assert answer.status_code == 422
    answer = client.patch("/v1/organization", content=rb'{"name": "\ud800"}', headers=headers)
    assert answer.status_code == 422


def test_free_form_settings_come_back_as_they_were_sent(client: TestClient) -> None:
    settings = {"a": [1, 2.5, True, None, {"b": "é\u0000"}], "big": 2**62, "small": 1e-9}
    changed = client.patch("/v1/organization", json={"settings": settings}, headers={"if-match": "*"})
    assert changed.json()["settings"] == settings
    headers = {"content-type": "application/json", "if-match": "*"}
    answer = client.patch("/v1/organization", content=b'{"settings": {"a": 1e399}}', headers=headers)
    assert answer.status_code == 422


def test_deep_nesting_is_refused_wherever_it_is_caught(client: TestClient) -> None:
    headers = {"content-type": "application/json", "if-match": "*"}
    for depth in (limits.JSON_DEPTH_MAX + 1, 500, 5_000, 200_000):
        nested = b'{"settings": {"a": ' + b"[" * depth + b"]" * depth + b"}}"
        answer = client.patch("/v1/organization", content=nested, headers=headers)
        assert answer.status_code in (400, 422), depth
    assert client.get("/v1/organization").json()["settings"] == {}


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/json; charset=latin-1", ""])
def test_other_content_types_are_refused(client: TestClient, media_type: str) -> None:
    answer = client.post("/v1/keys", content=b"{}", headers={"content-type": media_type} if media_type else {})
    assert answer.status_code == 415
    assert answer.headers["accept"] == "application/json"


def test_compressed_bodies_are_refused(client: TestClient) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert client.post("/v1/keys", content=b"\x1f\x8b", headers=headers).status_code == 415


def test_a_huge_body_is_refused_whether_announced_or_not(client: TestClient) -> None:
    headers = {"content-type": "application/json"}
    huge = b" " * (limits.DOCUMENT_BYTES_MAX + 1)
    assert client.post("/v1/keys", content=huge, headers=headers).json()["code"] == "body_too_large"
    streamed = client.post("/v1/keys", content=iter([huge[:500_000], huge[500_000:]]), headers=headers)
    assert streamed.json()["code"] == "body_too_large"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("limit=0", "limit"), ("limit=501", "limit"), ("limit=1&limit=2", "limit"), ("limit=x", "limit"),
     ("colour=red", "colour"), ("limit=1.0", "limit"), ("limit=%2B1", "limit"), ("subject=", "subject")],
)  # fmt: skip
def test_parameters_are_read_strictly(client: TestClient, query: str, parameter: str) -> None:
    answer = client.get(f"/v1/audit?{query}")
    assert answer.status_code == 422
    assert [fault["parameter"] for fault in answer.json()["faults"]] == [parameter]
