"""What is said of several members at once, checked together: every fault with its place, addresses told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ziggurat.app.audiences.put_identity import checked_identity
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidMembersError, InvalidRequestError, MemberFault
from ziggurat.store.database import Connection
from ziggurat.store.repositories import identities

TAKEN = "taken"
INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said of a member: see `put_identity`.

    Args:
        fields: fields and metadata; metadata that is said takes the place of all that was, but for the `part`.
        part: the name in metadata under which somebody keeps more.
        extra: what changes in that part; None forgets a name.
    """

    fields: Mapping[str, Any]
    part: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Faults:
    """What is wrong with members, as it is found out."""

    found: list[MemberFault] = field(default_factory=list)

    def add(self, place: int, name: str, problem: str, code: str = INVALID) -> None:
        self.found.append(MemberFault(place, name, code, problem))

    def raise_any(self) -> None:
        """Refuse all, if anything is wrong.

        Raises:
            InvalidMembersError: with every fault, by place.
        """
        if self.found:
            raise InvalidMembersError(sorted(self.found, key=lambda fault: fault.place))


def checked_sayings(said: Sequence[Saying], faults: Faults) -> list[dict[str, Any]]:
    """The fields that are said of each, as `checked_identity` leaves them; what is wrong goes to `faults`."""
    found = []
    for place, saying in enumerate(said):
        checked: dict[str, Any] = {}
        for name, value in saying.fields.items():
            try:
                checked |= checked_identity({name: value})
            except InvalidRequestError as error:
                faults.add(place, error.field, error.problem)
        if saying.part and saying.part in (checked.get("metadata") or {}):
            faults.add(place, f"metadata.{saying.part}", "is a name that is kept for other things")
        found.append(checked)
    return found


def merged_metadata(before: Mapping[str, Any], saying: Saying, checked: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata that `before` becomes."""
    after = dict(checked["metadata"]) if "metadata" in checked else dict(before)
    if not saying.part:
        return after
    part = {**before.get(saying.part, {}), **saying.extra}
    part = {name: value for name, value in part.items() if value is not None}
    after.pop(saying.part, None)
    return {**after, saying.part: part} if part else after


def find_taken(
    connection: Connection,
    context: Context,
    checked: Sequence[Mapping[str, Any]],
    owners: Sequence[int | None],
    faults: Faults,
) -> None:
    """Add a fault for each email that another member has, there or earlier in the same list.

    `owners` are the numbers of the members that are meant, None for new ones.
    """
    emails = [(said.get("email") or "").casefold() for said in checked]
    known = identities.by_emails(connection, context.scope, {email for email in emails if email})
    seen: set[str] = set()
    for place, (email, owner) in enumerate(zip(emails, owners, strict=True)):
        if not email:
            continue
        if email in seen or known.get(email, owner) != owner:
            faults.add(place, "email", "belongs to another member", TAKEN)
        seen.add(email)
