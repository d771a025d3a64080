"""The use cases: one file per operation, one transaction each, in rooms by what they are about.

They read the ledger through the store, ask the engine, and write what follows; they know no wire format and no
framework.
"""
