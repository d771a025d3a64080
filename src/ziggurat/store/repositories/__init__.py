"""Small modules of functions, one per family of tables.

Each function takes a connection (whose transaction is the caller's) and the scope of one organization; none knows a
clock.
"""
