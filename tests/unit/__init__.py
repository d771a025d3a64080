"""Tests of single modules, by layer."""
