"""The face of Fanfare."""
