"""Columnar replay: events in Arrow, Parquet, CSV or Spark partitions in, tiers and transitions out.

It packs columns for the engine's kernel and unpacks its answers; the meaning stays in the engine.
"""
