"""Ziggurat, a loyalty tier engine: who is in which tier, since when, until when and why.

A member's tier is a pure function of the program's revisions, the member's events and an instant. The packages below
this one are layers: ``program`` and ``engine`` compute and know no database, no web and no clock; ``store`` and
``bulk`` bring the data; ``app`` holds the use cases; ``http`` and ``cli`` are the doors.
"""
