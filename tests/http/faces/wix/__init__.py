"""The Wix face."""
