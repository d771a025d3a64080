"""Vendor faces over HTTP."""
