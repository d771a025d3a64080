"""The vocabulary: what a tier program says, what an event says, and the calendar both are read in.

Pure: no database, no web, no files, no clock. Everything above imports this room; it imports nothing of Ziggurat's
but `errors` and `limits`.
"""
