"""The Capillary face."""
