"""Conformance cases: a program, a history, and what follows from the rules."""
