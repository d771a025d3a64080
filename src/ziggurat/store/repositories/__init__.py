"""Small modules of functions, one per family of tables. Each takes a connection (whose transaction is the caller's) and
the scope of one organization; none of them knows a clock.
"""
