"""Columns in, columns out: event files and frames become one event table, results become files.

Nothing here decides a tier. No Python object is made per row on the way through good data.
"""
