"""Vendors' own clients, unmodified, against our faces; skipped where not installed (script/test-clients)."""
