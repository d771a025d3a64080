"""Hypothesis strategies that several kinds of tests share."""
