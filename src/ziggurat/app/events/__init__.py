"""Events into the ledger, what follows from them for members and audiences, and events out again."""
