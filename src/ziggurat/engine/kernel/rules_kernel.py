"""The rules' parts for the kernel: bounds, requirements, contributions, ends of holds. See `time_kernel` for `T`."""

from __future__ import annotations

from typing import Any

from ziggurat.engine.kernel.compiled import compiled
from ziggurat.engine.kernel.time_kernel import (
    add,
    anniversary,
    anniversary_after,
    enclosing,
    first_above,
    round_up,
)
from ziggurat.engine.layout import (
    CHECK_AT_INSTANT,
    CHECK_DAILY,
    EVENT_ACTIVITY,
    EVENT_ADJUSTED,
    EVENT_EARNED,
    EVENT_EXPIRED,
    EVENT_ORDER,
    EVENT_REFUND,
    EVENT_RETURNED,
    EVENT_SPENT,
    FLAG_QUALIFYING,
    FRACTION,
    HOLD_ANNIVERSARY,
    HOLD_ATTRIBUTE,
    HOLD_FIXED,
    HOLD_IMMEDIATE,
    HOLD_NEVER,
    HOLD_SLIDING,
    MEASURE_ACTIVITY,
    MEASURE_AVERAGE,
    MEASURE_BALANCE,
    MEASURE_EARNED,
    MEASURE_ORDERS,
    MEASURE_POINTS_LIFETIME,
    MEASURE_SPEND,
    O_FIRST,
    O_KIND,
    O_LOW_SET,
    O_SECOND,
    O_SIZE,
    OP_AT_LEAST,
    OP_CONDITION,
    P_ZONE,
    P_ZONE_NUMBER,
    S_MEASURE,
    S_SIZE,
    T_CODE,
    T_CODE_COUNT,
    T_HOLD,
    T_HOLD_ACTIVITIES,
    T_HOLD_ACTIVITY_COUNT,
    T_HOLD_ATTRIBUTE,
    T_HOLD_CHECK,
    T_HOLD_COUNT,
    T_HOLD_EARNING,
    T_HOLD_EVERY,
    T_HOLD_MINIMUM,
    T_HOLD_OCCURRENCE,
    T_HOLD_PERIOD,
    T_HOLD_ROUND,
    T_HOLD_SPENDING,
    T_HOLD_TABLE,
    T_LOW_SET,
    T_SIZE,
    U_DAY,
    U_MONTH,
    UNSAID,
)
from ziggurat.program.calendar import NEVER

SCALE = 10_000


@compiled
def reaches(value: int, orders: int, average: bool, whole: int, part: int) -> bool:
    """Whether a value is at or above a bound; an average is the fraction value / orders, 0 without orders."""
    if not average:
        return value >= whole
    if orders <= 0:
        return whole < 0 or (whole == 0 and part == 0)
    quotient = value // orders
    rest = value - quotient * orders
    return quotient > whole or (quotient == whole and rest * FRACTION >= part * orders)


@compiled
def within(T: Any, bounds: int, value: int, orders: int, average: bool) -> bool:
    """Whether a value lies within the two bounds that stand at `bounds`."""
    if T[bounds] and not reaches(value, orders, average, T[bounds + 1], T[bounds + 2]):
        return False
    return not (T[bounds + 3] and reaches(value, orders, average, T[bounds + 4], T[bounds + 5]))


@compiled
def meets(T: Any, code: int, count: int, slots: int, values: Any, orders: Any, stack: Any) -> bool:
    """Whether a requirement of `count` operations at `code` holds on the values of the slots."""
    top = 0
    for number in range(count):
        row = code + number * O_SIZE
        kind = T[row + O_KIND]
        if kind == OP_CONDITION:
            slot = T[row + O_FIRST]
            average = T[slots + slot * S_SIZE + S_MEASURE] == MEASURE_AVERAGE
            stack[top] = 1 if within(T, row + O_LOW_SET, values[slot], orders[slot], average) else 0
            top += 1
        elif kind == OP_AT_LEAST:
            of, met = T[row + O_SECOND], 0
            for k in range(of):
                met += stack[top - 1 - k]
            top -= of
            stack[top] = 1 if met >= T[row + O_FIRST] else 0
            top += 1
        else:
            stack[top - 1] = 1 - stack[top - 1]
    return bool(stack[0] == 1)


@compiled
def highest(T: Any, tiers: int, count: int, slots: int, values: Any, orders: Any, stack: Any) -> int:
    """The highest tier of the ladder whose requirements all hold, -1 for none."""
    average = T[slots + S_MEASURE] == MEASURE_AVERAGE
    for tier in range(count - 1, -1, -1):
        row = tiers + tier * T_SIZE
        if within(T, row + T_LOW_SET, values[0], orders[0], average) and (
            T[row + T_CODE_COUNT] == 0 or meets(T, T[row + T_CODE], T[row + T_CODE_COUNT], slots, values, orders, stack)
        ):
            return tier
    return -1


@compiled
def contribution(
    measure: int,
    name: int,
    kind: int,
    flags: int,
    same_money: bool,
    code: int,
    points: int,
    amount: int,
    quantity: int,
    whole: bool,
) -> Any:
    """What a part of an event adds to a measure: (amount, number of orders). See `engine.measures`."""
    if measure == MEASURE_BALANCE:
        if kind in (EVENT_EARNED, EVENT_ADJUSTED, EVENT_RETURNED, EVENT_ORDER):
            return points, 0
        return (-points if kind in (EVENT_SPENT, EVENT_EXPIRED) else 0), 0
    if measure == MEASURE_ACTIVITY:
        return (quantity if kind == EVENT_ACTIVITY and code == name else 0), 0
    if not flags & FLAG_QUALIFYING:
        return 0, 0
    if measure in (MEASURE_EARNED, MEASURE_POINTS_LIFETIME):
        if kind not in (EVENT_EARNED, EVENT_ADJUSTED, EVENT_ORDER):
            return 0, 0
        return (points if measure == MEASURE_EARNED else max(points, 0)), 0
    orders = 1 if kind == EVENT_ORDER and whole else 0
    if measure == MEASURE_ORDERS:
        return SCALE * orders, 0
    if not same_money:
        return 0, 0
    money = amount if kind == EVENT_ORDER else -amount if kind == EVENT_REFUND else 0
    if measure == MEASURE_SPEND:
        return money, 0
    return (money, orders) if measure == MEASURE_AVERAGE else (0, 0)


@compiled
def acted_on(T: Any, zone: int, tier: int, end: int, grace_until: int) -> int:
    """When the end of a hold on the tier is acted on; NEVER while it has none or the fall has begun."""
    if end == NEVER or grace_until != NEVER:
        return NEVER
    check = T[tier + T_HOLD_CHECK]
    if check == CHECK_AT_INSTANT:
        return end
    return round_up(T, zone, U_DAY if check == CHECK_DAILY else U_MONTH, end)


@compiled
def hold_end(T: Any, zone: int, tier: int, at: int, judged_end: int, enrolled: int, given: int) -> int:
    """When a hold on the tier ends that starts at `at`; `judged_end` is UNSAID where no ended period was judged."""
    kind = T[tier + T_HOLD]
    if kind in (HOLD_IMMEDIATE, HOLD_NEVER):
        return NEVER
    if kind in (HOLD_FIXED, HOLD_SLIDING):
        return round_up(T, zone, T[tier + T_HOLD_ROUND], add(T, zone, T[tier + T_HOLD_PERIOD], at))
    if kind == HOLD_ATTRIBUTE:
        return given if given > at else NEVER
    return period_hold_end(T, zone, tier, at, at if judged_end == UNSAID else judged_end - 1, enrolled)


@compiled
def period_hold_end(T: Any, zone: int, tier: int, at: int, after: int, enrolled: int) -> int:
    """The end of a hold over calendar or anniversary periods, of which those that end later than `after` count."""
    unit, occurrence = T[tier + T_HOLD_ROUND], T[tier + T_HOLD_OCCURRENCE]
    earliest = add(T, zone, T[tier + T_HOLD_MINIMUM], at) if T[tier + T_HOLD_MINIMUM] else at + 1
    anniversaries = T[tier + T_HOLD] == HOLD_ANNIVERSARY
    every, period = T[tier + T_HOLD_EVERY], T[tier + T_HOLD_PERIOD]
    table, count = T[tier + T_HOLD_TABLE], T[tier + T_HOLD_COUNT]
    k, exact = 0, after
    if anniversaries:
        k = anniversary_after(T, zone, period, unit, enrolled, after)
    elif every < 0:
        k = first_above(T, table, count, after)
    elif unit >= 0:
        exact = enclosing(T, zone, unit, after)[0] - 1
    seen, last = 0, after
    while True:
        if anniversaries:
            end = anniversary(T, zone, period, unit, enrolled, k)
            k += 1
        elif every < 0:
            end = T[table + k] if k < count else NEVER
            k += 1
        else:
            exact = NEVER if exact == NEVER else enclosing(T, zone, every, exact)[1]
            end = round_up(T, zone, unit, exact)
        if end > last or end == NEVER:
            seen, last = seen + 1, end
            if seen >= occurrence and end >= earliest:
                return end


@compiled
def given_date(T: Any, program: int, tier: int, given: Any, dates: Any, n_values: int) -> int:
    """The end of a hold that was given from outside, rounded up; NEVER while none was."""
    attribute = T[tier + T_HOLD_ATTRIBUTE]
    if attribute < 0 or given[attribute] < 0:
        return NEVER
    date = dates[T[program + P_ZONE_NUMBER] * n_values + given[attribute]]
    return round_up(T, T[program + P_ZONE], T[tier + T_HOLD_ROUND], date)


@compiled
def slides(T: Any, tier: int, kind: int, code: int) -> bool:
    """Whether an event pushes the tier's sliding hold on."""
    if kind in (EVENT_EARNED, EVENT_ORDER):
        return T[tier + T_HOLD_EARNING] != 0
    if kind == EVENT_SPENT:
        return T[tier + T_HOLD_SPENDING] != 0
    if kind == EVENT_ACTIVITY:
        for k in range(T[tier + T_HOLD_ACTIVITY_COUNT]):
            if T[T[tier + T_HOLD_ACTIVITIES] + k] == code:
                return True
    return False
