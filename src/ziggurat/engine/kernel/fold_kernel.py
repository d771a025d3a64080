"""The fold itself: one pass over each member's events, the rules of docs/rules.md in the order of the reference.

`make_fold` closes over what a program does not use; Numba leaves those branches out. The variables are named as in
`engine.reference`, which says what each means. Beside them:

    begin, end    the member's rows of the event columns; a position counts from `begin`
    shown         twice the tier that is shown; odd between two places of the ladder, where a tier was retired
    m_...         the judgement that lifted or renewed the member (the reference's Merit)
    due           when time next brings a decision
    trigger       LEAN: a sum below it changes nothing
"""

from __future__ import annotations

from typing import Any

from ziggurat.engine import layout as lay
from ziggurat.engine.kernel.compiled import compiled_and_kept
from ziggurat.engine.kernel.rules_kernel import acted_on, given_date, highest, hold_end, meets, slides
from ziggurat.engine.kernel.slots_kernel import (
    V_DUE,
    V_END,
    V_ENDED,
    V_ENDED_ORDERS,
    V_NOW,
    V_NOW_ORDERS,
    V_SIZE,
    V_START,
    counts_until,
    is_periodic,
    next_leave,
    open_slot,
    restart_entry_slots,
    soonest,
    sweep,
    sweep_full,
    take_anew,
    take_row,
    turn_period,
)
from ziggurat.engine.kernel.time_kernel import add, enclosing, round_up
from ziggurat.program.calendar import BEGINNING, NEVER

NOBODY = -2
"""The tier index of a member to whom nothing has happened."""


def make_fold(*, full: bool, lean: bool, stamp: int) -> Any:
    """The kernel for a shape; `stamp` stands for its source, so that a compiled copy on disk is never an old one."""
    FULL, LEAN, STAMP = bool(full), bool(lean), int(stamp)  # constants to the compiler

    @compiled_and_kept
    def fold(
        T: Any,
        offsets: Any,
        at: Any,
        amount: Any,
        columns: Any,
        values: Any,
        as_of: int,
        first: int,
        last: int,
        scratch: Any,
        states: Any,
        moves: Any,
        moved: Any,
        emits: bool,
    ) -> Any:
        """Fold members [first, last); answers how far it came before `moves` was full, and how many moves it wrote."""
        written = STAMP * 0
        kinds, flags, _, codes, extra, _, _, _, mask = columns
        numbers, dates = values
        (s_index, s_name, s_since, s_expires, s_grace, s_value, s_next, s_missing, s_decision, s_revision) = states
        (t_at, t_value, t_expires, t_event, t_from, t_to, t_revision, t_kind, t_cause) = moves
        room = len(t_at)
        n_revisions, revisions = T[lay.H_REVISIONS], T[lay.H_REVISION]
        S, vals, ords, m_vals, m_ords, m_starts, stack, given, U, A, O = scratch
        n_values = len(numbers)
        for m in range(first, last):
            begin, end = offsets[m], offsets[m + 1]
            while end > begin and at[end - 1] > as_of:
                end -= 1
            mark, moved[m], s_index[m] = written, 0, NOBODY
            if begin == end:
                continue
            # --- the revision in force, and the words of its program
            revision, upcoming, status = 0, n_revisions, lay.STATUS_ACTIVE
            program = T[lay.H_PROGRAM]
            if FULL:
                revision, upcoming, status = -1, 0, lay.STATUS_DRAFT
                if T[revisions + lay.R_FROM] == BEGINNING:
                    revision, upcoming, status = 0, 1, T[revisions + lay.R_STATUS]
            tiers, n_tiers = T[program + lay.P_TIER], T[program + lay.P_TIERS]
            slots, n_slots = T[program + lay.P_SLOT], T[program + lay.P_SLOTS]
            zone, lowest = T[program + lay.P_ZONE], T[program + lay.P_LOWEST]
            next_period = T[program + lay.P_NEXT_PERIOD] != 0
            # --- where the member stands
            now, enrolled, position = BEGINNING, at[begin], -1
            joined, tier, entry = False, -1, -1
            expires_at, grace_until, acts_at = NEVER, NEVER, NEVER
            merit, m_at, m_position, m_entry = lay.M_NONE, 0, 0, 0
            undone, idle_since = 0, BEGINNING
            o_mode, o_key, o_until = lay.MODE_FIXED, -1, NEVER
            shown, shown_name, shown_until, shown_grace, since = -2, -1, NEVER, NEVER, enrolled
            trigger, slots_due, i = BEGINNING, NEVER, begin
            if LEAN and lowest < 0:  # to be in no tier is nothing to tell
                joined, trigger = True, T[tiers + lay.T_LOW]
            if FULL:
                given[:] = -1
            while True:
                # --- what comes next: time, an event, or the end
                next_revision = NEVER
                if FULL and upcoming < n_revisions:
                    next_revision = T[revisions + upcoming * lay.R_SIZE + lay.R_FROM]
                due = NEVER
                running = not FULL or status == lay.STATUS_ACTIVE or status == lay.STATUS_PAUSED
                if position >= 0 and running:
                    due = min(acts_at, grace_until, slots_due)
                    if FULL and o_key >= 0:
                        due = min(due, o_until)
                brings = min(due, next_revision)
                following = at[i] if i < end else as_of
                is_tick = brings <= following
                is_end = not is_tick and i >= end
                is_revision, coincides = False, False
                cause = lay.CAUSE_EVENT
                if is_tick:
                    t = max(brings, now)
                    is_revision = FULL and next_revision <= t
                    coincides = due <= t
                    overridden = FULL and o_key >= 0 and o_until <= t
                    if is_revision:
                        cause = lay.CAUSE_REVISION
                    elif overridden:
                        cause = lay.CAUSE_OVERRIDE_END
                    elif grace_until <= t:
                        cause = lay.CAUSE_GRACE_END
                    elif acts_at <= t:
                        cause = lay.CAUSE_HOLD_END
                    else:
                        cause = lay.CAUSE_WINDOW
                        if not LEAN:
                            for s in range(n_slots):
                                if S[s * V_SIZE + V_END] <= t:
                                    cause = lay.CAUSE_PERIOD_END
                    if overridden:
                        o_key = -1
                    now = t
                else:
                    now = max(now, following)
                # --- what time does to the values
                if position >= 0 and (is_end or not LEAN):
                    for s in range(n_slots):
                        cells, slot = s * V_SIZE, slots + s * lay.S_SIZE
                        if LEAN or S[cells + V_DUE] <= now:
                            window = T[slot + lay.S_WINDOW]
                            if not LEAN and is_periodic(window):
                                turn_period(T, S, cells, zone, slot, enrolled, now)
                            elif window == lay.W_ROLLING:
                                period = T[slot + lay.S_PERIOD]
                                if FULL:
                                    sweep_full(
                                        T, S, cells, zone, period, now, position + 1, at, begin, U[s], A[s], O[s]
                                    )
                                else:
                                    sweep(T, S, zone, period, now, position + 1, at, begin, amount)
                                    if is_end or not LEAN:
                                        S[V_DUE] = next_leave(T, S, zone, period, now, position + 1, at, begin, amount)
                if is_end:
                    break
                decides, may_climb, replace_all, put = True, not next_period, False, -1
                if is_tick:
                    may_climb = not next_period or S[V_START] == now
                    if is_revision:
                        # --- a revision takes effect
                        row = revisions + upcoming * lay.R_SIZE
                        idle = not running
                        starts, stays = revision < 0, revision >= 0 and T[row + lay.R_STAYS] != 0
                        revision, status, upcoming = upcoming, T[row + lay.R_STATUS], upcoming + 1
                        before, program = program, T[row + lay.R_PROGRAM]
                        tiers, n_tiers = T[program + lay.P_TIER], T[program + lay.P_TIERS]
                        slots, n_slots = T[program + lay.P_SLOT], T[program + lay.P_SLOTS]
                        if not stays:
                            zone, lowest = T[program + lay.P_ZONE], T[program + lay.P_LOWEST]
                            next_period = T[program + lay.P_NEXT_PERIOD] != 0
                            to, same = T[program + lay.P_MOVED] + 1, T[program + lay.P_STAYED] + 1
                            merit, undone = lay.M_NONE, 0
                            if position >= 0:
                                taken = (merit, m_at, m_position, m_entry, m_vals, m_ords, m_starts)
                                others = (columns, numbers, U, A, O, taken)
                                take_anew(T, S, program, enrolled, now, entry, begin, position, at, others)
                            if o_key >= 0:
                                kept = T[to + T[T[before + lay.P_KEYS] + o_key]]
                                o_key = T[tiers + kept * lay.T_SIZE + lay.T_KEY] if kept >= 0 else -1
                            if shown_name >= 0:
                                place = shown >> 1
                                between = (shown & 1) != 0 or T[same + place] == 0
                                shown = 2 * T[to + place] + (1 if between else 0)
                            if joined:
                                stands = T[same + tier] != 0
                                tier = T[to + tier]
                                hold = tiers + tier * lay.T_SIZE if tier > lowest else T[lay.H_UNHELD]
                                kind = T[hold + lay.T_HOLD]
                                if not stands:
                                    entry, grace_until = position, NEVER
                                    restart_entry_slots(T, S, program)
                                unsaid = expires_at == NEVER and grace_until == NEVER
                                if stands and (kind == lay.HOLD_IMMEDIATE or kind == lay.HOLD_NEVER):
                                    expires_at = NEVER
                                elif not stands or kind == lay.HOLD_ATTRIBUTE or unsaid:
                                    date = given_date(T, program, hold, given, dates, n_values)
                                    expires_at = hold_end(T, zone, hold, now, lay.UNSAID, enrolled, date)
                                acts_at = acted_on(T, zone, hold, expires_at, grace_until)
                        slots_due = soonest(S, n_slots)
                        running = status == lay.STATUS_ACTIVE or status == lay.STATUS_PAUSED
                        if not idle and not running:
                            idle_since = now
                        if position < 0 or status == lay.STATUS_FROZEN:
                            continue
                        due = min(acts_at, grace_until)
                        activation = T[row + lay.R_ACTIVATION]
                        began = next_period and enrolled < S[V_START] >= (idle_since if idle else now)
                        if not running:
                            decides = False
                        elif not starts and not stays and activation != lay.ACTIVATE_NEXT:
                            may_climb, replace_all = True, activation == lay.ACTIVATE_REEVALUATE
                        elif starts or stays or coincides or (idle and began) or not joined or due <= now:
                            may_climb = began or not next_period
                        else:
                            decides = False
                else:
                    # --- an event happens
                    if position < 0:
                        for s in range(n_slots):
                            open_slot(T, S, s * V_SIZE, zone, slots + s * lay.S_SIZE, enrolled, now, 0)
                    if LEAN:
                        total = S[V_NOW]
                        while True:
                            total += amount[i]
                            i += 1
                            if total >= trigger or i >= end:
                                break
                            if at[i] >= due:
                                break
                            now = at[i]
                        S[V_NOW] = total
                        position = i - 1 - begin
                        if total < trigger:
                            continue
                    else:
                        position += 1
                        i += 1
                    if FULL:
                        taken = (merit, m_at, m_position, m_entry, m_vals, m_ords, m_starts)
                        take_row(
                            T, S, program, enrolled, now, entry, begin, position, at, columns, numbers, U, A, O, taken
                        )
                        r = begin + position
                        kind, code = kinds[r & mask[0]], codes[r & mask[3]]
                        hold = tiers + tier * lay.T_SIZE if tier > lowest else T[lay.H_UNHELD]
                        rule = T[hold + lay.T_HOLD]
                        if kind == lay.EVENT_REVERSAL and merit != lay.M_NONE and grace_until == NEVER:
                            policy = T[hold + lay.T_ON_REVERSAL]
                            if rule != lay.HOLD_IMMEDIATE and policy != lay.REVERSAL_IGNORE:
                                if merit == lay.M_CRITERIA:
                                    c, n = T[hold + lay.T_KEEP_CODE], T[hold + lay.T_KEEP_CODE_COUNT]
                                    earned = meets(T, c, n, slots, m_vals, m_ords, stack)
                                else:
                                    earned = highest(T, tiers, n_tiers, slots, m_vals, m_ords, stack) >= tier
                                if not earned:
                                    at_once = policy == lay.REVERSAL_RECHECK
                                    ended = now if at_once else enclosing(T, zone, lay.U_DAY, now)[1]
                                    if ended < expires_at:
                                        expires_at, undone = ended, 1 if at_once else 0
                        elif kind == lay.EVENT_ATTRIBUTE and code >= 0:
                            given[code] = extra[r & mask[4]]
                            if rule == lay.HOLD_ATTRIBUTE and T[hold + lay.T_HOLD_ATTRIBUTE] == code:
                                expires_at = given_date(T, program, hold, given, dates, n_values)
                                if expires_at > now:
                                    grace_until = NEVER
                        elif kind == lay.EVENT_OVERRIDE:
                            cause = lay.CAUSE_OVERRIDE
                            place = T[T[program + lay.P_WORDS] + code] if code >= 0 else -1
                            if place >= 0:
                                mode = flags[r & mask[1]] >> lay.MODE_SHIFT
                                if mode == lay.MODE_ONCE:
                                    put = place
                                else:
                                    o_mode, o_until = mode, extra[r & mask[4]]
                                    o_key = T[tiers + place * lay.T_SIZE + lay.T_KEY] if o_until > now else -1
                        if rule == lay.HOLD_SLIDING and grace_until == NEVER and expires_at > now:
                            if slides(T, hold, kind, code):
                                pushed = hold_end(T, zone, hold, now, lay.UNSAID, enrolled, NEVER)
                                expires_at = max(expires_at, pushed)
                        acts_at = acted_on(T, zone, hold, expires_at, grace_until)
                        if not running and (status != lay.STATUS_FROZEN or put < 0):
                            continue
                    elif not LEAN and amount[i - 1] != 0:
                        leaves = counts_until(T, S, 0, zone, slots, enrolled, now)
                        S[V_NOW] += amount[i - 1]
                        S[V_DUE] = min(S[V_DUE], leaves)
                # --- the values as they are judged
                hold = tiers + tier * lay.T_SIZE if tier > lowest else T[lay.H_UNHELD]
                hold_ended = decides and joined and acts_at <= now
                ended_since, judged_end = NEVER, lay.UNSAID
                if decides:
                    if next_period:
                        ended_since, judged_end = BEGINNING, S[V_START]
                    elif hold_ended and T[hold + lay.T_HOLD_OCCURRENCE] > 1:
                        if T[hold + lay.T_HOLD] == lay.HOLD_CALENDAR or T[hold + lay.T_HOLD] == lay.HOLD_ANNIVERSARY:
                            ended_since = judged_end = expires_at + undone
                if LEAN:
                    if T[slots + lay.S_WINDOW] == lay.W_ROLLING:
                        sweep(T, S, zone, T[slots + lay.S_PERIOD], now, position + 1, at, begin, amount)
                    vals[0] = S[V_NOW]
                else:
                    for s in range(n_slots):
                        cells = s * V_SIZE
                        ended = (
                            is_periodic(T[slots + s * lay.S_SIZE + lay.S_WINDOW]) and S[cells + V_START] >= ended_since
                        )
                        vals[s] = S[cells + V_ENDED] if ended else S[cells + V_NOW]
                        ords[s] = S[cells + V_ENDED_ORDERS] if ended else S[cells + V_NOW_ORDERS]
                renewed = False
                if decides:
                    # --- one decision
                    if not joined:
                        joined, tier, entry = True, lowest, -1
                        hold = T[lay.H_UNHELD]
                    own = tiers + max(tier, 0) * lay.T_SIZE
                    rule, fall = T[hold + lay.T_HOLD], T[own + lay.T_FALL]
                    if LEAN:
                        deserved = lowest
                        for k in range(lowest + 1, n_tiers):
                            deserved += 1 if vals[0] >= T[tiers + k * lay.T_SIZE + lay.T_LOW] else 0
                    else:
                        deserved = highest(T, tiers, n_tiers, slots, vals, ords, stack)
                    target, renews, starts_fall, falls = NOBODY, False, False, False
                    if put >= 0:
                        target = put
                    elif deserved > tier and may_climb:
                        target = min(deserved, tier + T[program + lay.P_MAX_STEPS])
                    elif replace_all and deserved < tier and fall != lay.FALL_NEVER:
                        target = deserved
                    elif grace_until != NEVER or hold_ended:
                        if rule == lay.HOLD_IMMEDIATE or T[own + lay.T_KEEP] == lay.K_REQUALIFY:
                            keeps = deserved >= tier
                        elif T[own + lay.T_KEEP] == lay.K_ALWAYS:
                            keeps = True
                        else:
                            c, n = T[own + lay.T_KEEP_CODE], T[own + lay.T_KEEP_CODE_COUNT]
                            keeps = meets(T, c, n, slots, vals, ords, stack)
                        renews = keeps
                        if not keeps:
                            falls = grace_until <= now
                            starts_fall = grace_until == NEVER
                    elif rule == lay.HOLD_IMMEDIATE and deserved < tier and may_climb:
                        starts_fall = True
                    climbs = target >= 0 and put < 0 and target > tier
                    if starts_fall:
                        if fall == lay.FALL_NEVER or T[own + lay.T_GRACE] == 0:
                            falls = True
                        else:
                            ends = add(T, zone, T[own + lay.T_GRACE], now)
                            grace_until = round_up(T, zone, T[own + lay.T_GRACE_ROUND], ends)
                    if falls:
                        if fall == lay.FALL_NEVER:
                            expires_at, grace_until = NEVER, NEVER
                        else:
                            target = tier - 1
                            if fall == lay.FALL_QUALIFIED:
                                target = min(deserved, tier)
                            elif fall == lay.FALL_BASE:
                                target = lowest
                            renewed = target == tier
                    if FULL and (climbs or (renews and rule != lay.HOLD_IMMEDIATE)):
                        merit = lay.M_LIFTED if climbs else T[own + lay.T_KEEP_MERIT]
                        m_at, m_position, m_entry = now, position, entry
                        for s in range(n_slots):
                            m_vals[s], m_ords[s], m_starts[s] = vals[s], ords[s], lay.UNSAID
                            if is_periodic(T[slots + s * lay.S_SIZE + lay.S_WINDOW]):
                                if S[s * V_SIZE + V_START] >= ended_since:
                                    m_starts[s] = S[s * V_SIZE + V_START]
                    elif target != NOBODY:
                        merit = lay.M_NONE
                    if target != NOBODY:
                        # --- enter a tier
                        was, tier, grace_until = tier, target, NEVER
                        enters = put >= 0 or target != was  # a fall to the same tier holds it anew
                        entry = position if enters else entry
                        hold = tiers + tier * lay.T_SIZE if tier > lowest else T[lay.H_UNHELD]
                        rule = T[hold + lay.T_HOLD]
                        if FULL:
                            if enters:
                                restart_entry_slots(T, S, program)
                            renewed |= put >= 0 and put == was and rule != lay.HOLD_IMMEDIATE
                        elif not LEAN and T[slots + lay.S_WINDOW] == lay.W_ENTRY:
                            S[V_NOW] = 0
                        if falls and rule == lay.HOLD_IMMEDIATE and deserved < tier:
                            own = tiers + tier * lay.T_SIZE
                            if T[own + lay.T_FALL] != lay.FALL_NEVER and T[own + lay.T_GRACE] != 0:
                                ends = add(T, zone, T[own + lay.T_GRACE], now)
                                grace_until = round_up(T, zone, T[own + lay.T_GRACE_ROUND], ends)
                    elif renews:
                        grace_until = NEVER
                        renewed = rule != lay.HOLD_IMMEDIATE
                    if target != NOBODY or renewed:
                        undone = 0
                        extends = T[own + lay.T_KEEP_EXTENDS] if renews else 0
                        if extends != 0:
                            expires_at = round_up(T, zone, T[hold + lay.T_HOLD_ROUND], add(T, zone, extends, now))
                        else:
                            date = NEVER
                            if FULL:
                                date = given_date(T, program, hold, given, dates, n_values)
                            expires_at = hold_end(T, zone, hold, now, judged_end, enrolled, date)
                    acts_at = acted_on(T, zone, hold, expires_at, grace_until)
                    if LEAN:
                        trigger = BEGINNING
                        if grace_until == NEVER:
                            trigger = NEVER
                            if tier + 1 < n_tiers:
                                trigger = T[tiers + (tier + 1) * lay.T_SIZE + lay.T_LOW]
                if not LEAN:
                    slots_due = soonest(S, n_slots)
                if FULL and status == lay.STATUS_FROZEN:
                    continue  # put there by a person: shown when it ends
                # --- what is shown
                visible, visible_until, masked = tier, expires_at if grace_until == NEVER else grace_until, False
                if FULL:
                    place = T[T[program + lay.P_KEYS] + o_key] if o_key >= 0 else -1
                    if status == lay.STATUS_PAUSED:
                        visible, visible_until, masked = lowest, NEVER, True
                    elif status == lay.STATUS_DRAFT or status == lay.STATUS_ARCHIVED:
                        visible, visible_until, masked = -1, NEVER, True
                    elif o_key >= 0 and (o_mode == lay.MODE_FIXED or place > tier):
                        visible, visible_until, masked = place, o_until, True
                name = T[tiers + visible * lay.T_SIZE + lay.T_NAME] if visible >= 0 else -1
                moves_on = 2 * visible != shown
                if moves_on or (renewed and not masked):
                    if shown_name < 0:
                        move = lay.KIND_JOINED
                    elif visible < 0:
                        move = lay.KIND_LEFT
                    elif not moves_on:
                        move = lay.KIND_RENEWED
                    else:
                        move = lay.KIND_UPGRADED if 2 * visible > shown else lay.KIND_DOWNGRADED
                    if emits:
                        if written >= room:
                            return m, mark
                        value = vals[0]
                        if FULL and T[slots + lay.S_MEASURE] == lay.MEASURE_AVERAGE:
                            value = vals[0] // ords[0] if ords[0] > 0 else 0
                        t_at[written], t_value[written], t_expires[written] = now, value, visible_until
                        t_event[written] = position if cause <= lay.CAUSE_OVERRIDE else -1
                        t_from[written], t_to[written], t_revision[written] = shown_name, name, max(revision, 0)
                        t_kind[written], t_cause[written] = move, cause
                    written += 1
                    if moves_on:
                        since = now
                shown, shown_name, shown_until = 2 * visible, name, visible_until
                shown_grace = NEVER if masked else grace_until
            # --- where the member stands as of the end
            moved[m] = written - mark
            value, orders, average = S[V_NOW], S[V_NOW_ORDERS], False
            if FULL:
                average = T[slots + lay.S_MEASURE] == lay.MEASURE_AVERAGE
            if average:
                value = S[V_NOW] // orders if orders > 0 else 0
            slots_due = soonest(S, n_slots)
            upper = (shown >> 1) + 1
            missing = lay.UNSAID
            if upper < n_tiers and T[tiers + upper * lay.T_SIZE + lay.T_LOW_SET]:
                bound = tiers + upper * lay.T_SIZE
                missing = T[bound + lay.T_LOW] - value
                if average:
                    rest = S[V_NOW] - value * orders if orders > 0 else 0
                    if T[bound + lay.T_LOW_PART] * max(orders, 1) > rest * lay.FRACTION:
                        missing += 1
                missing = max(missing, 0)
            decision = NEVER
            if FULL and upcoming < n_revisions:
                decision = T[revisions + upcoming * lay.R_SIZE + lay.R_FROM]
            if not FULL or status == lay.STATUS_ACTIVE or status == lay.STATUS_PAUSED:
                decision = min(decision, acts_at, grace_until, slots_due)
                if FULL and o_key >= 0:
                    decision = min(decision, o_until)
            s_index[m], s_name[m], s_since[m], s_expires[m] = shown >> 1, shown_name, since, shown_until
            s_grace[m], s_value[m], s_missing[m], s_decision[m] = shown_grace, value, missing, decision
            s_next[m] = T[tiers + upper * lay.T_SIZE + lay.T_NAME] if upper < n_tiers else -1
            s_revision[m] = max(revision, 0)
        return last, written

    return fold
