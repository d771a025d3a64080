"""The published npm client of Wix."""
