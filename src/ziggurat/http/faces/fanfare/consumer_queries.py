"""Lists of consumers: what a query asks for, and the pages that answer it."""

from __future__ import annotations

from typing import Any

from ziggurat.app.audiences.audience_views import ProfileView
from ziggurat.app.audiences.find_profiles import find_profiles
from ziggurat.app.audiences.list_profiles import ProfilesAsked, list_profiles
from ziggurat.app.audiences.read_audience import list_audiences_of
from ziggurat.http.face_support.routes import Visit
from ziggurat.http.faces.fanfare.audience_view import show_bare
from ziggurat.http.faces.fanfare.consumer_types import instant_of
from ziggurat.http.faces.fanfare.consumer_view import ARCHIVED, show_consumers
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Issue, failed_check
from ziggurat.http.faces.fanfare.names import find_audience
from ziggurat.http.faces.fanfare.paging import page_body, read_page

SEARCH_MIN = 2
ORDERS = {
    "createdAt": "created_at",
    "email": "email",
    "fullName": "full_name",
    "lastOrderAt": "last_order_at",
    "totalOrderValue": "lifetime_value",
    "ltv": "lifetime_value",
    "totalOrders": "order_count",
}
FILTERS = ("search", "createdAfter", "createdBefore", "audienceId")
EXACT = ("q", "email", "phone", "externalId")
INCLUDE = "include"


def show_with_relations(visit: Visit, views: tuple[ProfileView, ...]) -> list[dict[str, Any]]:
    """Those consumers, with their audiences if `include` asks for them; other relations there are none."""
    shown = show_consumers(visit.context, views)
    asked = visit.request.query_params.get(INCLUDE, "").split(",")
    if "audiences" in asked:
        for view, body in zip(views, shown, strict=True):
            body["audiences"] = show_bare(visit.context, list_audiences_of(visit.context, view.member))
    return shown


def list_consumers(visit: Visit) -> Any:
    """Consumers who are not archived, page by page."""
    given = dict(visit.request.query_params)
    issues: list[Issue] = []
    asked = ProfilesAsked(
        search=_search(given, "search", issues),
        created_after=read_instant(given, "createdAfter", issues),
        created_before=read_instant(given, "createdBefore", issues),
        audience=find_audience(visit.context, given["audienceId"]).id if given.get("audienceId") else None,
        without_status=ARCHIVED,
    )
    if issues:
        raise InvalidInputError(issues, given)
    return _page(visit, asked, "consumers " + repr([given.get(name, "") for name in FILTERS]))


def search_consumers(visit: Visit) -> Any:
    """Consumers by part of what is known of them, or by exactly that."""
    given = dict(visit.request.query_params)
    issues: list[Issue] = []
    search = _search(given, "q", issues)
    if not any(given.get(name) for name in EXACT):
        message = "Invalid key: Expected one of q, email, phone, externalId"
        issues.append(Issue(("q",), "object", '"q"', "undefined", message, origin="key"))
    if issues:
        raise InvalidInputError(issues, given)
    asked = ProfilesAsked(
        search=search, email=given.get("email", ""), phone=given.get("phone", ""), without_status=ARCHIVED
    )
    if given.get("externalId"):
        (found,) = find_profiles(visit.context, [given["externalId"]])
        fits = found is not None and found.status != ARCHIVED and _is_meant(found, asked)
        shown = show_with_relations(visit, (found,)) if found is not None and fits else []
        return {"data": shown, "pageInfo": {"startCursor": None, "endCursor": None}}
    return _page(visit, asked, "found consumers " + repr([given.get(name, "") for name in EXACT]))


def _is_meant(view: ProfileView, asked: ProfilesAsked) -> bool:
    """Whether a consumer who was found by her id is also what else is asked for."""
    wanted = asked.search.strip().lower()
    texts = [text.lower() for text in (view.member, view.email, view.phone, view.full_name) if text]
    return (
        (not asked.email or (view.email or "").casefold() == asked.email.casefold())
        and (not asked.phone or view.phone == asked.phone)
        and (not wanted or any(wanted in text for text in texts))
    )


def _page(visit: Visit, asked: ProfilesAsked, query: str) -> Any:
    page = read_page(visit, query, ORDERS)
    found = list_profiles(
        visit.context,
        asked,
        order=page.order,
        descending=page.descending,
        start=page.start,
        backwards=page.backwards,
        limit=page.limit,
    )
    shown = show_with_relations(visit, found.items)
    return page_body(visit, query, page, shown, found.previous, found.next)


def _search(given: dict[str, str], name: str, issues: list[Issue]) -> str:
    text = given.get(name, "").strip()
    if text and len(text) < SEARCH_MIN:
        message = f"Invalid length: Expected >={SEARCH_MIN} but received {len(text)}"
        issues.append(Issue((name,), "min_length", f">={SEARCH_MIN}", str(len(text)), message, kind="validation"))
        return ""
    return text


def read_instant(given: dict[str, str], name: str, issues: list[Issue]) -> int | None:
    """The instant that a parameter says; an issue where it says none."""
    if not given.get(name):
        return None
    try:
        return instant_of(given[name])
    except ValueError:
        issues.append(failed_check((name,), "date-time", given[name], f"Invalid timestamp: {name}", "iso_timestamp"))
        return None
