"""Every limit of Ziggurat, in one place. Units stand last in the names."""

from __future__ import annotations

# --- program documents
DOCUMENT_BYTES_MAX = 1_000_000
DOCUMENT_NODES_MAX = 50_000
"""Keys, values, lists and mappings in one document, with every alias counted as often as it is used."""
DOCUMENT_DEPTH_MAX = 64
NUMBER_CHARACTERS_MAX = 100
TIERS_MAX = 100
CONDITIONS_MAX = 64
"""Conditions in one requirement, and distinct measure/window pairs in one program."""
REQUIREMENT_DEPTH_MAX = 8
EXPRESSION_CHARACTERS_MAX = 2_000
NAME_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 4_000
METADATA_BYTES_MAX = 65_536
METADATA_KEY_CHARACTERS_MAX = 100
CALENDAR_DATES_MAX = 20
OCCURRENCE_MAX = 100
THRESHOLD_DECIMALS_MAX = 12
REVISIONS_MAX = 1_000
FAULTS_SHOWN_MAX = 100

PERIOD_YEARS_MAX = 100
"""The longest period, in years; other units are bounded by the same span."""

# --- amounts and instants
AMOUNT_MAX = 100_000_000_000_000
"""The largest magnitude of one amount, in whole units (1e14; 1e18 ten-thousandths, within int64)."""
MEMBER_TOTAL_UNITS_MAX = 8_000_000_000_000_000_000
"""The largest sum of magnitudes over one member's events, in ten-thousandths; with a threshold added, within int64."""
INSTANT_YEAR_MIN = 1970
INSTANT_YEAR_MAX = 2200
"""Events and questions lie in the years [INSTANT_YEAR_MIN, INSTANT_YEAR_MAX)."""
CALENDAR_YEAR_MAX = 2400
"""Instants that rules compute (hold ends, period ends) lie before the start of this year; later is never."""

# --- requests
BODY_BYTES_MAX = 16_777_216
"""The largest request body of the HTTP doors."""
JSON_DEPTH_MAX = 32
"""How deep a request body nests."""
NUMBER_TEXT_CHARACTERS_MAX = 60
"""The longest number in a request body, as written."""
EVENTS_PER_REQUEST_MAX = 10_000
PAGE_ITEMS_MAX = 500
PAGE_ITEMS_DEFAULT = 50
CURSOR_LIFETIME_SECONDS = 86_400
IDEMPOTENCY_KEY_CHARACTERS_MAX = 255
IDEMPOTENCY_LIFETIME_SECONDS = 86_400
IDEMPOTENCY_ABANDONED_SECONDS = 120
"""After so long without an answer, a request that claimed an idempotency key counts as dead."""
REQUEST_ID_CHARACTERS_MAX = 128
MESSAGES_KEPT_DAYS = 30
"""How long messages that were told, and the log of how, can be looked up and sent again."""
HOUSEKEEPING_SECONDS = 60
"""How often a worker looks for what has expired."""
KEY_REMEMBERED_SECONDS = 1
"""How long a process may go on taking a key that another process has revoked."""
KEYS_REMEMBERED_MAX = 10_000
KEY_USE_SECONDS = 60
"""How exactly a key's last use is known."""

# --- events
IDENTIFIER_CHARACTERS_MAX = 200
REASON_CHARACTERS_MAX = 1_000
EVENT_LINE_BYTES_MAX = 1_000_000
"""The longest line of an events file."""
ROW_FAULTS_SHOWN_MAX = 20
"""Bad rows printed one by one; the rest are counted."""
ROW_FAULTS_KEPT_MAX = 1_000
"""Bad rows described in a report; the rest are counted."""

# --- database
DATABASE_CONNECTIONS_MAX = 10
"""Connections that one process opens."""
LOCK_TIMEOUT_MS = 10_000
"""How long a writer waits for another one, or for a free connection."""
STATEMENT_TIMEOUT_MS = 60_000
TRANSACTION_ATTEMPTS_MAX = 5
"""How often a transaction is tried that others were in the way of."""
DISK_ROOM_BYTES_MIN = 1_048_576
"""With less room on the disk of a SQLite file, readiness tries a write."""
SQLITE_CACHE_KIB = 65_536
SQLITE_CHECKPOINT_PAGES = 8_192
"""How far the write-ahead log grows before it goes into the file: 32 MiB."""
HISTORY_UNPACKED_EVENTS = 8
"""As soon as so many of a member's events are in the ledger only, they are packed."""
HISTORY_TAIL_EVENTS = 32
"""Events of one member kept in the open chunk, which every further event rewrites."""
HISTORY_CHUNK_EVENTS = 256
"""Events in a closed chunk; late arrivals may double it before it is divided."""

# --- explanations
OUTLOOK_YEARS_MAX = 10
"""How far an explanation looks ahead; farther if the current hold ends later."""
OUTLOOK_DECISIONS_MAX = 5_000
"""Decisions looked ahead at most (an hourly window makes 8,760 a year)."""
TRIAL_ORDERS_MAX = 100
"""Orders tried at most when an explanation says how many more would do."""

# --- use cases
EVENTS_PER_REQUEST_MAX = 10_000
LARGE_AMOUNT_UNITS = 1_000_000_000_000
"""From this magnitude on, an event is checked against the member's total (in ten-thousandths; 1e8 whole units)."""
FORECAST_YEARS = 3
"""How far ahead a member's risks are looked for."""
RISKS_SHOWN_MAX = 10
MEMBERS_PER_STEP = 1_000
"""Members that a background job evaluates in one transaction."""
STATES_PER_STEP = 5_000
"""States that nobody sees any more, removed in one transaction."""
MEMBERS_AT_ONCE_MAX = 5_000
"""Up to so many members an activation is done in its own transaction, without a job."""

# --- audiences
AUDIENCE_GROUPS_MAX = 50
"""Groups of rules in one audience; one of them has to hold."""
AUDIENCE_RULES_MAX = 200
"""Rules in all groups of one audience together."""
AUDIENCE_VALUES_MAX = 1_000
"""Values of one rule."""
AUDIENCE_VALUE_CHARACTERS_MAX = 1_000
FIELD_CHARACTERS_MAX = 200
METADATA_VALUES_MAX = 500
"""Values in one member's metadata, those in lists counted one by one."""
METADATA_DEPTH_MAX = 8
METADATA_EXPONENT_MAX = 1_000
"""Numbers in metadata lie between 10 to the power of minus this and of this."""
AUDIENCES_MAX = 1_000
"""Audiences of one organization that are not archived and have rules."""
HALF_LIFE_DAYS = 30
"""After so many days an event counts half in a score, where nothing else is said."""
HALF_LIFE_DAYS_MAX = 3_650
REFRESH_INTERVAL_S_MIN = 60
REFRESH_INTERVAL_S_MAX = 366 * 86_400
AUDIENCE_CHANGES_PER_STEP = 10_000
"""Members that a refresh places in one transaction."""
PROFILES_PER_STEP = 5_000
"""Members whose profiles or scores are brought up to date in one transaction."""
PROFILE_STEPS_PER_TURN = 5
"""Such transactions that a worker spends on one organization before it looks at other work."""
LISTED_MEMBERS_PER_REQUEST_MAX = 10_000
SEARCH_CHARACTERS_MIN = 2
PREVIEW_MEMBERS_MAX = 100
REFRESHES_PER_STEP = 10
"""Audiences that a worker refreshes in one go."""
REFRESH_LEASE_S = 600
"""After so long without an end, a refresh counts as abandoned and another worker does it."""

# --- imports and syncs
IMPORT_BYTES_MAX = 256_000_000
IMPORT_ROWS_MAX = 2_000_000
IMPORT_COLUMNS_MAX = 200
IMPORT_FIELD_CHARACTERS_MAX = 100_000
IMPORT_ROWS_PER_STEP = 2_000
"""Records that an import places in one transaction."""
IMPORT_STEPS_PER_TURN = 25
"""Transactions that a worker spends on one import before it looks at other work."""
IMPORT_LEASE_S = 60
"""After so long without a step, an import's worker counts as gone and another one goes on."""
SYNC_LEASE_S = 900
SYNC_TIMEOUT_S = 60
"""How long a source may take to answer, and between two parts of its answer."""
SYNC_FETCH_S = 600
"""How long a source may take for the whole of its answer."""
UPLOAD_BYTES_MAX = 64_000_000
"""The largest file that comes through the HTTP API; larger ones go to the bucket directly."""
