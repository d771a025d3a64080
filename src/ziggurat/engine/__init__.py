"""The one idea: a member's tier is a pure function of program revisions, the member's events, and an instant.

`reference` defines it in plain Python; the kernel is its fast twin. No database, no web, no files, no clock.
"""
