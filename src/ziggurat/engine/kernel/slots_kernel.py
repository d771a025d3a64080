"""The values of a member's slots as time passes and contributions come and go.

A slot is one measure over one window. Its cells in the scratch array `S` are laid out by the `V_` numbers; `U`, `A` and
`O` hold, for each slot and event of the member, until when the contribution counts, its amount and its orders, less
what was reversed. Where there is only one sum (`full` is False) the amounts themselves are the only such column.
"""

from __future__ import annotations

from typing import Any

from ziggurat.engine.kernel.compiled import compiled, compiled_in_place
from ziggurat.engine.kernel.rules_kernel import contribution
from ziggurat.engine.kernel.time_kernel import (
    add,
    anniversary,
    anniversary_after,
    disorderly,
    enclosing,
    first_above,
)
from ziggurat.engine.layout import (
    DAY_US,
    EVENT_ATTRIBUTE,
    EVENT_REVERSAL,
    FLAG_WHOLE,
    M_NONE,
    MEASURE_ATTRIBUTE,
    P_CURRENCY,
    P_SLOT,
    P_SLOTS,
    P_ZONE,
    Q_LONGEST,
    Q_SHORTEST,
    S_COUNT,
    S_MEASURE,
    S_NAME,
    S_PERIOD,
    S_SIZE,
    S_TABLE,
    S_UNIT,
    S_WINDOW,
    UNSAID,
    W_ANNIVERSARY,
    W_CALENDAR,
    W_CYCLE,
    W_ENTRY,
    W_ROLLING,
)
from ziggurat.program.calendar import NEVER

(
    V_NOW,  # the sum that counts
    V_NOW_ORDERS,
    V_ENDED,  # the sum of the period just before
    V_ENDED_ORDERS,
    V_START,  # of the current period
    V_END,
    V_TAIL,  # the first event that may still count, from the start of the history
    V_SWEPT,  # what left by then is gone from the sum
    V_EARLY,  # events from this one on did not leave before one that came earlier
    V_DUE,  # when something leaves or the period ends
    V_SIZE,
) = range(11)
DISORDER_US = 5 * DAY_US
"""How far apart contributions may be that leave in the other order: the days that a shorter month clamps to one."""


@compiled
def is_periodic(window: int) -> bool:
    """Whether a window starts from zero at each boundary."""
    return window in (W_CALENDAR, W_CYCLE, W_ANNIVERSARY)


@compiled
def period_at(T: Any, zone: int, slot: int, enrolled: int, t: int) -> Any:
    """The period of a periodic window that holds `t`."""
    window = T[slot + S_WINDOW]
    if window == W_CALENDAR:
        return enclosing(T, zone, T[slot + S_UNIT], t)
    if window == W_CYCLE:
        table = T[slot + S_TABLE]
        k = first_above(T, table, T[slot + S_COUNT], t)
        return T[table + k - 1], T[table + k]
    period, unit = T[slot + S_PERIOD], T[slot + S_UNIT]
    k = anniversary_after(T, zone, period, unit, enrolled, t)
    end = anniversary(T, zone, period, unit, enrolled, k)
    return (enrolled if k == 1 else anniversary(T, zone, period, unit, enrolled, k - 1)), end


@compiled
def open_slot(T: Any, S: Any, cells: int, zone: int, slot: int, enrolled: int, now: int, first: int) -> None:
    """Start a slot from nothing at `now`."""
    for k in range(V_SIZE):
        S[cells + k] = 0
    S[cells + V_TAIL] = first
    S[cells + V_SWEPT] = now
    S[cells + V_START] = UNSAID
    S[cells + V_END] = NEVER
    if is_periodic(T[slot + S_WINDOW]):
        S[cells + V_START], S[cells + V_END] = period_at(T, zone, slot, enrolled, now)
    S[cells + V_DUE] = S[cells + V_END]


@compiled
def turn_period(T: Any, S: Any, cells: int, zone: int, slot: int, enrolled: int, now: int) -> None:
    """Go over to the period that holds `now`."""
    start, end = period_at(T, zone, slot, enrolled, now)
    follows = start == S[cells + V_END]
    S[cells + V_START], S[cells + V_END], S[cells + V_DUE] = start, end, end
    if T[slot + S_MEASURE] == MEASURE_ATTRIBUTE:
        return
    S[cells + V_ENDED] = S[cells + V_NOW] if follows else 0
    S[cells + V_ENDED_ORDERS] = S[cells + V_NOW_ORDERS] if follows else 0
    S[cells + V_NOW], S[cells + V_NOW_ORDERS] = 0, 0


@compiled_in_place
def sweep(T: Any, S: Any, zone: int, period: int, now: int, count: int, at: Any, begin: int, amount: Any) -> None:
    """Take out of the only sum what has left its rolling window by `now`, of the first `count` events.

    Most contributions are far from the window's edge: there the shortest and the longest that the period can last tell.
    """
    left_before, counts_after = now - T[period + Q_LONGEST], now - T[period + Q_SHORTEST]
    j, end, total, early = begin + S[V_TAIL], begin + count, S[V_NOW], begin + S[V_EARLY]
    while j < end and at[j] <= left_before and j >= early:
        total -= amount[j]
        j += 1
    while j < end and at[j] <= counts_after:
        until = add(T, zone, period, at[j])
        if until > now:
            if amount[j] != 0:
                break
        elif j >= early or until > S[V_SWEPT]:
            total -= amount[j]
        j += 1
    if j < end and at[j] <= counts_after and disorderly(T, zone, period, at[j]):
        last, k = at[j] + DISORDER_US, j + 1
        while k < end and at[k] <= last:
            until = add(T, zone, period, at[k])
            if until <= now and (k >= early or until > S[V_SWEPT]):
                total -= amount[k]
                S[V_EARLY] = k + 1 - begin
            k += 1
    S[V_TAIL], S[V_SWEPT], S[V_NOW] = j - begin, now, total


@compiled_in_place
def next_leave(T: Any, S: Any, zone: int, period: int, now: int, count: int, at: Any, begin: int, amount: Any) -> int:
    """The next instant after `now` at which a contribution leaves the only sum, swept by `now`; NEVER if none does."""
    j, end, due = begin + S[V_TAIL], begin + count, NEVER
    while j < end and amount[j] == 0:
        j += 1
    if j < end:
        due = add(T, zone, period, at[j])
        if disorderly(T, zone, period, at[j]):
            last, k = at[j] + DISORDER_US, j + 1
            while k < end and at[k] <= last:
                until = add(T, zone, period, at[k])
                if amount[k] != 0 and until > now:
                    due = min(due, until)
                k += 1
    return due


@compiled
def sweep_full(
    T: Any,
    S: Any,
    cells: int,
    zone: int,
    period: int,
    now: int,
    count: int,
    at: Any,
    begin: int,
    U: Any,
    A: Any,
    O: Any,
) -> None:
    """The same over contributions already reckoned; `U`, `A` and `O` are those of the slot."""
    j, swept = S[cells + V_TAIL], S[cells + V_SWEPT]
    total, orders = S[cells + V_NOW], S[cells + V_NOW_ORDERS]
    due = NEVER
    while j < count:
        until = U[j]
        if until > now:
            due = until
            break
        if until > swept:
            total -= A[j]
            orders -= O[j]
        j += 1
    if j < count and disorderly(T, zone, period, at[begin + j]):
        last = at[begin + j] + DISORDER_US
        k = j + 1
        while k < count and at[begin + k] <= last:
            until = U[k]
            if until > now:
                due = min(due, until)
            elif until > swept:
                total -= A[k]
                orders -= O[k]
            k += 1
    S[cells + V_TAIL], S[cells + V_SWEPT], S[cells + V_DUE] = j, now, due
    S[cells + V_NOW], S[cells + V_NOW_ORDERS] = total, orders


@compiled
def counts_until(T: Any, S: Any, cells: int, zone: int, slot: int, enrolled: int, t: int) -> int:
    """Until when a contribution made at `t` counts."""
    window = T[slot + S_WINDOW]
    if window == W_ROLLING:
        return add(T, zone, T[slot + S_PERIOD], t)
    if is_periodic(window):
        if S[cells + V_START] <= t < S[cells + V_END]:
            return S[cells + V_END]
        return period_at(T, zone, slot, enrolled, t)[1]
    return NEVER


@compiled
def count_in(S: Any, cells: int, window: int, now: int, until: int, amount: int, orders: int) -> None:
    """Add to a slot a contribution (or, negated, a reversed share of one) that counts until `until`."""
    if until > now:
        S[cells + V_NOW] += amount
        S[cells + V_NOW_ORDERS] += orders
    elif is_periodic(window) and until == S[cells + V_START]:
        S[cells + V_ENDED] += amount
        S[cells + V_ENDED_ORDERS] += orders


@compiled
def take_row(
    T: Any,
    S: Any,
    program: int,
    enrolled: int,
    now: int,
    entry: int,
    begin: int,
    position: int,
    at: Any,
    columns: Any,
    numbers: Any,
    U: Any,
    A: Any,
    O: Any,
    merit: Any,
) -> None:
    """Enter the event at `position` in every slot of the program.

    `merit` is what the judgement read that lifted or renewed the member; a reversed share of what it read is taken out.
    """
    kinds, flags, currencies, codes, extra, points, money, quantities, mask = columns
    holds, m_at, m_position, m_entry, m_vals, m_ords, m_starts = merit
    zone, slots = T[program + P_ZONE], T[program + P_SLOT]
    row = begin + position
    kind = kinds[row & mask[0]]
    reversal = kind == EVENT_REVERSAL
    origin = extra[row & mask[4]] if reversal else position
    source = begin + origin
    if reversal:
        kind = kinds[source & mask[0]]
    code = codes[source & mask[3]]
    currency = currencies[source & mask[2]]
    same_money = currency == 0 or T[program + P_CURRENCY] == 0 or currency == T[program + P_CURRENCY]
    whole = not reversal or flags[row & mask[1]] & FLAG_WHOLE != 0
    for s in range(T[program + P_SLOTS]):
        slot, cells = slots + s * S_SIZE, s * V_SIZE
        measure, window = T[slot + S_MEASURE], T[slot + S_WINDOW]
        U[s, position] = UNSAID
        if kind == EVENT_ATTRIBUTE:
            if measure == MEASURE_ATTRIBUTE and code == T[slot + S_NAME]:
                S[cells + V_NOW] = numbers[extra[row & mask[4]]]
                S[cells + V_ENDED] = S[cells + V_NOW]
            continue
        amount, orders = contribution(
            measure,
            T[slot + S_NAME],
            kind,
            flags[source & mask[1]],
            same_money,
            code,
            points[row & mask[5]],
            money[row & mask[6]],
            quantities[row & mask[7]],
            whole,
        )
        if amount == 0 and orders == 0:
            continue
        if not reversal:
            until = counts_until(T, S, cells, zone, slot, enrolled, at[row])
            U[s, position], A[s, position], O[s, position] = until, amount, orders
            if window != W_ENTRY or origin > entry:
                count_in(S, cells, window, now, until, amount, orders)
            if now < until < S[cells + V_DUE]:
                S[cells + V_DUE] = until
            continue
        until = U[s, origin]
        A[s, origin] -= amount
        O[s, origin] -= orders
        if window != W_ENTRY or origin > entry:
            count_in(S, cells, window, now, until, -amount, -orders)
        if holds != M_NONE and origin <= m_position and (window != W_ENTRY or origin > m_entry):
            counted = until > m_at if m_starts[s] == UNSAID else until == m_starts[s]
            if counted:
                m_vals[s] -= amount
                m_ords[s] -= orders


@compiled
def take_anew(
    T: Any, S: Any, program: int, enrolled: int, now: int, entry: int, begin: int, position: int, at: Any, others: Any
) -> None:
    """Start every slot of the program from nothing at `now`, and enter the events up to the one at `position`.

    `others` are the last arguments of `take_row`.
    """
    columns, numbers, U, A, O, merit = others
    zone, slots = T[program + P_ZONE], T[program + P_SLOT]
    for s in range(T[program + P_SLOTS]):
        open_slot(T, S, s * V_SIZE, zone, slots + s * S_SIZE, enrolled, now, 0)
    for j in range(position + 1):
        take_row(T, S, program, enrolled, now, entry, begin, j, at, columns, numbers, U, A, O, merit)


@compiled
def restart_entry_slots(T: Any, S: Any, program: int) -> None:
    """Start the windows anew that count since the current tier was entered."""
    for s in range(T[program + P_SLOTS]):
        measure = T[T[program + P_SLOT] + s * S_SIZE + S_MEASURE]
        if T[T[program + P_SLOT] + s * S_SIZE + S_WINDOW] == W_ENTRY and measure != MEASURE_ATTRIBUTE:
            S[s * V_SIZE + V_NOW], S[s * V_SIZE + V_NOW_ORDERS] = 0, 0


@compiled
def soonest(S: Any, count: int) -> int:
    """When something leaves one of the first `count` slots, or a period ends."""
    due = NEVER
    for s in range(count):
        due = min(due, S[s * V_SIZE + V_DUE])
    return due
