"""The command line: translates words typed into use cases, and answers into tables, files and exit codes.

Commands import what they need when they run, so that `ziggurat --help` stays quick. Nothing is decided here.
"""
