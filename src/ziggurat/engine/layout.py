"""Where things stand in a plan's flat array: what the compiler writes and the kernel reads.

A plan is one int64 array: a header of counts and positions, then rows of fixed widths, then tables. A position is an
index into that array. All of it is plain integers, so that the compiled kernel takes a single argument for a program.
"""

from __future__ import annotations

from ziggurat.program.calendar import BEGINNING, CalendarUnit
from ziggurat.program.events import EventType, OverrideMode
from ziggurat.program.model import (
    Activation,
    Check,
    DowngradeType,
    ExpirationType,
    MeasureKind,
    OnReversal,
    Status,
)

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
IRREGULAR = 2**62
"""In a table of offsets: the clock changes on that day, look closer."""
FIRST_DAY = -731
"""The first day of the day tables, 1 January 1968, in days since 1970."""
END_DAY = 157_054
"""1 January 2400 (`limits.CALENDAR_YEAR_MAX`): what falls on it or later is never."""
DAYS = END_DAY - FIRST_DAY + 400
UNSAID = BEGINNING
"""An int64 that says nothing."""
FRACTION = 100_000_000
"""Thresholds of averages keep this many parts of a ten-thousandth (twelve decimals in all)."""

# --- header
(
    H_REVISIONS,  # number of revisions
    H_REVISION,  # position of the revision rows
    H_PROGRAM,  # position of the first program's row
    H_SLOTS_MAX,  # most slots that a program has
    H_ATTRIBUTES,  # number of attributes that some program reads
    H_CONDITIONS_MAX,  # longest requirement, in operations
    H_UNHELD,  # position of a tier's row that stands for no hold
    H_SIZE,
) = range(8)

# --- a revision
R_FROM, R_STATUS, R_ACTIVATION, R_PROGRAM, R_STAYS, R_SIZE = range(6)

# --- a program (consecutive revisions with an equal program share one)
(
    P_TIERS,  # number of tiers on the ladder
    P_TIER,  # position of the tier rows, lowest first
    P_SLOTS,  # number of slots: distinct measures over windows; the first is the qualification's
    P_SLOT,  # position of the slot rows
    P_LOWEST,  # 0 with a base tier, -1 without
    P_NEXT_PERIOD,  # 1 when qualification applies in the next period
    P_MAX_STEPS,  # how many tiers one decision may climb
    P_ZONE,  # position of the zone's row
    P_ZONE_NUMBER,  # which of the plan's zones
    P_CURRENCY,  # code of the currency, 0 for any
    P_WORDS,  # position of: place on the ladder by word (names and keys), -1 for none
    P_KEYS,  # position of: place on the ladder by key
    P_MOVED,  # position of: place of each tier (from -1) of the program before on this ladder
    P_STAYED,  # position of: whether it is the same tier
    P_SIZE,
) = range(15)

# --- a slot
S_MEASURE, S_NAME, S_WINDOW, S_PERIOD, S_UNIT, S_TABLE, S_COUNT, S_SIZE = range(8)

# --- windows
W_LIFETIME, W_ROLLING, W_CALENDAR, W_CYCLE, W_ANNIVERSARY, W_ENTRY = range(6)

# --- a tier
(
    T_NAME,  # number of the name
    T_KEY,  # number of the key
    T_LOW_SET,
    T_LOW,  # reached by values at or above it
    T_LOW_PART,  # averages: parts of a ten-thousandth above T_LOW
    T_HIGH_SET,
    T_HIGH,  # values at or above it are above the tier
    T_HIGH_PART,
    T_CODE,  # requirement: position of the first operation
    T_CODE_COUNT,  # number of operations
    T_HOLD,  # expiration type
    T_HOLD_PERIOD,  # position of a period's row, 0 for none
    T_HOLD_TABLE,  # position of the sorted ends of a hold with dates
    T_HOLD_COUNT,
    T_HOLD_EVERY,  # calendar unit, -1 for none
    T_HOLD_OCCURRENCE,
    T_HOLD_MINIMUM,  # period
    T_HOLD_EARNING,  # 1 when earning slides the hold
    T_HOLD_SPENDING,
    T_HOLD_ACTIVITIES,  # position of the codes of activities that slide it
    T_HOLD_ACTIVITY_COUNT,
    T_HOLD_ATTRIBUTE,  # code of the attribute that gives its end, -1 for none
    T_HOLD_ROUND,  # calendar unit, -1 for none
    T_HOLD_CHECK,
    T_KEEP,  # K_REQUALIFY, K_CRITERIA or K_ALWAYS
    T_KEEP_MERIT,  # M_NONE, M_LIFTED or M_CRITERIA: what a renewal rests on
    T_KEEP_CODE,
    T_KEEP_CODE_COUNT,
    T_KEEP_EXTENDS,  # period
    T_FALL,  # downgrade type
    T_GRACE,  # period
    T_GRACE_ROUND,  # calendar unit, -1 for none
    T_ON_REVERSAL,
    T_SIZE,
) = range(34)
K_REQUALIFY, K_CRITERIA, K_ALWAYS = range(3)
M_NONE, M_LIFTED, M_CRITERIA = range(3)

# --- an operation of a requirement, in postfix order
O_KIND, O_FIRST, O_SECOND, O_LOW_SET, O_LOW, O_LOW_PART, O_HIGH_SET, O_HIGH, O_HIGH_PART, O_SIZE = range(10)
OP_CONDITION, OP_AT_LEAST, OP_NOT = range(3)

# --- a period: what it adds to, how many, the table from day to day (hours have none), and bounds of how long it lasts
Q_UNIT, Q_COUNT, Q_TABLE, Q_SHORTEST, Q_LONGEST, Q_SIZE = range(6)
Q_HOURS, Q_DAYS, Q_MONTHS = range(3)

# --- a zone: tables by day (biased by FIRST_DAY), then stretches of one offset
Z_BY_DAY, Z_BY_WALL_DAY, Z_STRETCHES, Z_START, Z_OFFSET, Z_WALL_START, Z_WALL_END, Z_SIZE = range(8)

# --- words of the vocabulary as codes
UNITS: tuple[CalendarUnit, ...] = tuple(CalendarUnit)
U_HOUR, U_DAY, U_WEEK, U_MONTH, U_QUARTER, U_HALF, U_YEAR = range(7)
MEASURES: tuple[MeasureKind, ...] = tuple(MeasureKind)
(
    MEASURE_BALANCE,
    MEASURE_EARNED,
    MEASURE_POINTS_LIFETIME,
    MEASURE_SPEND,
    MEASURE_ORDERS,
    MEASURE_AVERAGE,
    MEASURE_ACTIVITY,
    MEASURE_ATTRIBUTE,
) = range(8)
HOLDS: tuple[ExpirationType, ...] = tuple(ExpirationType)
HOLD_IMMEDIATE, HOLD_NEVER, HOLD_FIXED, HOLD_CALENDAR, HOLD_ANNIVERSARY, HOLD_SLIDING, HOLD_ATTRIBUTE = range(7)
CHECKS: tuple[Check, ...] = tuple(Check)
CHECK_AT_INSTANT, CHECK_DAILY, CHECK_MONTH_END = range(3)
FALLS: tuple[DowngradeType, ...] = tuple(DowngradeType)
FALL_NEVER, FALL_SINGLE, FALL_QUALIFIED, FALL_BASE = range(4)
ON_REVERSALS: tuple[OnReversal, ...] = tuple(OnReversal)
REVERSAL_RECHECK, REVERSAL_END_OF_DAY, REVERSAL_IGNORE = range(3)
STATUSES: tuple[Status, ...] = tuple(Status)
STATUS_DRAFT, STATUS_ACTIVE, STATUS_PAUSED, STATUS_FROZEN, STATUS_ARCHIVED = range(5)
ACTIVATIONS: tuple[Activation, ...] = tuple(Activation)
ACTIVATE_REEVALUATE, ACTIVATE_UPGRADES, ACTIVATE_NEXT = range(3)

# --- events
EVENT_TYPES: tuple[EventType, ...] = tuple(EventType)
(
    EVENT_EARNED,
    EVENT_ADJUSTED,
    EVENT_SPENT,
    EVENT_EXPIRED,
    EVENT_RETURNED,
    EVENT_ORDER,
    EVENT_REFUND,
    EVENT_REVERSAL,
    EVENT_ACTIVITY,
    EVENT_ATTRIBUTE,
    EVENT_ENROLLED,
    EVENT_OVERRIDE,
) = range(12)
MODES: tuple[OverrideMode, ...] = tuple(OverrideMode)
MODE_FIXED, MODE_FLOOR, MODE_ONCE = range(3)
FLAG_QUALIFYING, FLAG_WHOLE, MODE_SHIFT = 1, 2, 2
"""An event's flags; an override's mode stands above them."""

# --- answers
(
    KIND_JOINED,
    KIND_UPGRADED,
    KIND_DOWNGRADED,
    KIND_RENEWED,
    KIND_LEFT,
) = range(5)
(
    CAUSE_EVENT,
    CAUSE_OVERRIDE,
    CAUSE_REVISION,
    CAUSE_OVERRIDE_END,
    CAUSE_GRACE_END,
    CAUSE_HOLD_END,
    CAUSE_PERIOD_END,
    CAUSE_WINDOW,
) = range(8)
