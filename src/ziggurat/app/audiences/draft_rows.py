"""Say what the records of a file come to, one after the other, before anything of it is written.

However many records are looked at together, the outcome is that of each for itself: a record finds the members as the
ones before it have left them. So it does not matter where a file is cut into steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ziggurat.app.audiences.put_identity import changed_identity
from ziggurat.app.public_ids import new_id
from ziggurat.bulk.member_rows import MemberRow, RowFault
from ziggurat.program.check_metadata import metadata_fault
from ziggurat.store.repositories import identities
from ziggurat.store.repositories.identities import Identity
from ziggurat.store.repositories.members import Member
from ziggurat.store.tables.audiences import ImportMode


@dataclass(slots=True)
class Draft:
    """What records come to; members by their (external) ids.

    Args:
        wanted: the member whom each record means, by the record's number.
        made: the members who are new in the order of records, with the numbers of those.
        told: the records that say something of their member: not those that only find her.
        changed: how many records changed what was known of a member who was there.
        identities: what is known of members afterwards, of those of whom something was said.
        spared: members whom records mean that cannot be used.
        faults: why records cannot be used, with their numbers.
    """

    wanted: dict[int, str] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    told: list[MemberRow] = field(default_factory=list)
    changed: int = 0
    identities: dict[str, Identity] = field(default_factory=dict)
    spared: set[str] = field(default_factory=set)
    faults: list[tuple[int, RowFault]] = field(default_factory=list)


class Directory:
    """Whom records can mean, as the records so far have left it.

    Args:
        there: the members that there are, by id; `identities` says what is known of them, by number.
        by_email: ids by folded email, `by_phone` by phone; of several with the same one, the first made first.
    """

    def __init__(
        self,
        there: Mapping[str, Member],
        known: Mapping[int, Identity],
        by_email: Mapping[str, Sequence[str]],
        by_phone: Mapping[str, Sequence[str]],
    ) -> None:
        self.there = there
        self.before = known
        self.order = {name: place for place, name in enumerate(sorted(there, key=lambda name: there[name].id))}
        self.known = {name: known[member.id] for name, member in there.items() if member.id in known}
        self.holders: dict[tuple[str, str], list[str]] = {
            (kind, value): list(names)
            for kind, found in (("email", by_email), ("phone", by_phone))
            for value, names in found.items()
        }

    def find(self, row: MemberRow) -> str | None:
        """The member that `row` means: by id, else by email, else by phone; None if there is none yet."""
        if row.member is not None:
            return row.member if row.member in self.there or row.member in self.known else None
        for key in _keys(row.email, row.phone):
            if names := self.holders.get(key):
                return names[0]
        return None

    def tell(self, name: str, identity: Identity) -> None:
        """Remember what is known of a member now, who may be new."""
        self.order.setdefault(name, len(self.order))
        old = self.known.get(name)
        before = _keys(old.email, old.phone) if old else []
        after = _keys(identity.email, identity.phone)
        for key in before:
            if key not in after and name in self.holders.get(key, ()):
                self.holders[key].remove(name)
        for key in after:
            if key not in before:
                self.holders.setdefault(key, []).append(name)
                self.holders[key].sort(key=self.order.__getitem__)
        self.known[name] = identity


def draft_rows(directory: Directory, rows: Iterable[MemberRow], mode: ImportMode, now: int) -> Draft:
    """What `rows` come to."""
    draft = Draft()
    for row in rows:
        fault = None if row.faults else _place(directory, draft, row, mode, now)
        if fault is not None:
            draft.faults.append((row.number, fault))
        if (row.faults or fault is not None) and (name := directory.find(row)) is not None:
            draft.spared.add(name)
    return draft


def _place(directory: Directory, draft: Draft, row: MemberRow, mode: ImportMode, now: int) -> RowFault | None:
    name = directory.find(row)
    is_new = name is None
    if name is not None:
        member = directory.there.get(name)
        if member is not None and member.merged_into is not None:
            return RowFault("", "merged", "means a member who was merged into another")
        if mode is ImportMode.CREATE:
            return RowFault("", "already_exists", "means a member who is there already")
    else:
        name = row.member or new_id("mbr")
    if is_new or mode is ImportMode.UPDATE:
        old = directory.known.get(name) or identities.unknown(0, now)
        identity = changed_identity(old, _said(row, old), now)
        if identity.metadata is not old.metadata and (fault := metadata_fault(identity.metadata)):
            return RowFault("metadata", "bad_metadata", f"{fault.path} {fault.problem}, with what is known already")
        draft.changed += not is_new and identity is not old
        directory.tell(name, identity)
        draft.told.append(row)
        draft.identities[name] = identity
    if is_new:
        draft.made[name] = row.number
    draft.wanted[row.number] = name
    return None


def _said(row: MemberRow, old: Identity) -> dict[str, Any]:
    said: dict[str, Any] = dict(row.said)
    said |= {key: value for key, value in (("email", row.email), ("phone", row.phone)) if value}
    if row.metadata:
        said["metadata"] = {**old.metadata, **row.metadata}
    return said


def _keys(email: str | None, phone: str | None) -> list[tuple[str, str]]:
    keys = [("email", email.casefold())] if email else []
    return [*keys, ("phone", phone)] if phone else keys
