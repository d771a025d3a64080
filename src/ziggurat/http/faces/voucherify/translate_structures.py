"""Tier structures both ways: a structure is a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ziggurat.http.face_support.losses import Loss
from ziggurat.http.faces.voucherify import tier_rules
from ziggurat.http.faces.voucherify.dialect import FACE, Dialect
from ziggurat.http.faces.voucherify.kept import kept, merged_metadata, own_metadata, with_kept
from ziggurat.http.faces.voucherify.read_wire import invalid
from ziggurat.http.faces.voucherify.translate_rules import (
    BALANCE,
    Wire,
    downgrade_of,
    expiration_of,
    qualification_of,
    show_downgrade,
    show_expiration,
    show_qualification,
)
from ziggurat.http.faces.voucherify.translate_tiers import PLACEHOLDER, show_rules, shown_tiers, tier_losses
from ziggurat.program.model import Applies, Award, DowngradeType, Enrolment, MeasureKind, Program, Renewal
from ziggurat.program.model import Downgrade as NativeDowngrade

EDITABLE = frozenset({"name", "metadata"})
"""What may be changed of a structure that is not a draft."""


def new_structure(wire: Mapping[str, Any], dialect: Dialect, time_zone: str) -> Program:
    """The program that a create request asks for, with no tiers yet.

    Raises:
        ApiError: as for `changed`.
    """
    empty = Program(
        wire["name"],
        BALANCE,
        (),
        PLACEHOLDER,
        time_zone=time_zone,
        downgrade=NativeDowngrade(DowngradeType.NEVER),
        metadata={FACE: {}},
    )
    said = {name: value for name, value in wire.items() if name != "status"}
    return changed(empty, said, dialect)


def changed(program: Program, wire: Mapping[str, Any], dialect: Dialect) -> Program:
    """`program` with what an update says; what is left out stays.

    Raises:
        ApiError: settings that do not go together.
    """
    said = _neutral(program, wire) if dialect is Dialect.NEWER else _merged(program, wire)
    if "name" in said:
        program = replace(program, name=said["name"])
    if "metadata" in said:
        program = replace(program, metadata=merged_metadata(program.metadata, said["metadata"]))
    if "card_definition_id" in said:
        program = replace(program, metadata=with_kept(program.metadata, card_definition_id=said["card_definition_id"]))
    if "point_earned" in said:
        program = _requalified(program, said["point_earned"])
    if "expiration" in said:
        program = replace(program, expiration=expiration_of(said["expiration"], dialect), renewal=Renewal())
    if "downgrade" in said:
        program = replace(program, downgrade=downgrade_of(said["downgrade"], dialect))
    return _remembering(program, said, dialect)


def structure_type(program: Program) -> str:
    """POINT_BALANCE or POINT_EARNED."""
    return "POINT_BALANCE" if program.qualification.measure.kind is MeasureKind.POINTS_BALANCE else "POINT_EARNED"


def show_settings(program: Program, card_definition_id: str, dialect: Dialect, losses: list[Loss]) -> Wire:
    """Type, tracking, expiration and downgrade of `program`; in the seed dialect null where there is none."""
    earned = show_qualification(program.qualification, dialect, losses)
    expiration = show_expiration(program.expiration, dialect, losses, "expiration")
    downgrade = show_downgrade(program.downgrade, program.expiration, dialect, losses)
    remembered = kept(program.metadata).get("said", {}).get(str(dialect), {})
    if (raw := remembered.get("point_earned")) and qualification_of(raw) == program.qualification:
        earned = raw
    if (raw := remembered.get("expiration")) and expiration_of(raw, dialect) == program.expiration:
        expiration = raw
    if (raw := remembered.get("downgrade")) and downgrade_of(raw, dialect) == program.downgrade:
        downgrade = raw
    said: Wire = {"type": structure_type(program)}
    if dialect is Dialect.SEED:
        said["card_definition_id"] = card_definition_id
        said["point_earned"] = earned
    elif earned is None:
        said["point_balance"] = {"card_definition_id": card_definition_id}
    else:
        said["point_earned"] = {"card_definition_id": card_definition_id, **earned}
    return {**said, "expiration": expiration, "downgrade": downgrade, "metadata": own_metadata(program.metadata)}


def losses_of(program: Program, dialect: Dialect) -> list[Loss]:
    """What the dialect cannot say of `program`."""
    losses: list[Loss] = []
    show_settings(program, "", dialect, losses)
    if program.renewal != Renewal():
        losses.append(Loss("renewal", "a tier is kept by qualifying again"))
    if program.late_cut_off:
        losses.append(Loss("late_events", "is not said"))
    if program.award is not Award.BEFORE:
        losses.append(Loss("award", "is not said"))
    is_base_shown = program.base_tier is not None and program.base_tier in shown_tiers(program)
    if is_base_shown and program.qualification.applies is not Applies.IMMEDIATELY:
        losses.append(Loss("base_tier", "is a tier from 0 points, reached in the next period as the others are"))
    if program.enrolment is not Enrolment.ON_FIRST_EVENT:
        losses.append(Loss("enrolment", "whoever is to have a tier is made a member of a program"))
    losses += [Loss(field, "is not said") for field in ("description", "currency") if getattr(program, field)]
    if program.time_zone != "UTC":
        losses.append(Loss("time_zone", "belongs to the vendor's project, not to the structure"))
    for tier in shown_tiers(program):
        show_rules(program, tier, dialect, losses)
    tiers = len(shown_tiers(program))
    if tiers > dialect.tiers_max:
        losses.append(Loss("tiers", f"{tiers} tiers where {dialect.tiers_max} are allowed"))
    return [*dict.fromkeys([*losses, *tier_losses(program)])]


def _requalified(program: Program, point_earned: Mapping[str, Any] | None) -> Program:
    """Ranges of segment tiers stand in requirements, which name the measure."""
    before, after = program.qualification, qualification_of(point_earned)
    tiers: tuple[Any, ...] = ()
    for tier in program.tiers:
        rules, whole = tier_rules.rules_of(tier, before)
        moves = whole and rules.segment
        tiers = tier_rules.insert(tiers, tier, rules, after) if moves else (*tiers, tier)
    return replace(program, qualification=after, tiers=tiers)


def _merged(program: Program, wire: Mapping[str, Any]) -> Wire:
    """An update of the seed dialect: what counts is the structure as it would be then."""
    said = dict(wire)
    if not {"type", "point_earned"} & wire.keys():
        return said
    now = show_qualification(program.qualification, Dialect.SEED, [])
    type_ = wire.get("type", structure_type(program))
    earned = wire.get("point_earned", now)
    if type_ == "POINT_EARNED" and earned is None:
        raise invalid("Property .point_earned is required for type POINT_EARNED")
    if type_ == "POINT_BALANCE" and earned is not None:
        raise invalid("Property .point_earned must be null for type POINT_BALANCE")
    if "point_earned" not in wire:
        return said  # of the type that it is already
    said["point_earned"] = earned
    return said


def _neutral(program: Program, wire: Mapping[str, Any]) -> Wire:
    """An update of the newer dialect in the words of the seed's: who says the type says all that belongs to it."""
    said = {name: value for name, value in wire.items() if name not in ("point_balance", "point_earned")}
    type_ = wire.get("type", structure_type(program))
    mine, other = ("point_balance", "point_earned") if type_ == "POINT_BALANCE" else ("point_earned", "point_balance")
    if wire.get(other) is not None:
        raise invalid(f"Property .{other} must be null for type {type_}")
    if wire.get(mine) is None:
        if "type" in wire or mine in wire:
            raise invalid(f"Payload must have required property '{mine}'")
        return said
    part = dict(wire[mine])
    said["card_definition_id"] = part.pop("card_definition_id")
    said["point_earned"] = part or None
    return said


def _remembering(program: Program, said: Mapping[str, Any], dialect: Dialect) -> Program:
    """`program` with the very words of what it would show in others."""
    card = ""
    remembered = dict(kept(program.metadata).get("said", {}).get(str(dialect), {}))
    for field in ("point_earned", "expiration", "downgrade"):
        if field in said:
            remembered.pop(field, None)
    plain = replace(program, metadata=with_kept(program.metadata, said=None))
    shown = show_settings(plain, card, dialect, [])
    for field in ("point_earned", "expiration", "downgrade"):
        words = _without_nulls(said.get(field))
        shown_words = {k: v for k, v in (shown.get(field) or {}).items() if k != "card_definition_id"}
        if words and words != shown_words:
            remembered[field] = words
    every = {**kept(program.metadata).get("said", {}), str(dialect): remembered}
    every = {name: words for name, words in every.items() if words}
    return replace(program, metadata=with_kept(program.metadata, said=every or None))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
