"""Benchmarks: each module here is a program, run by ``script/bench NAME``, that says what it measured and on what."""
