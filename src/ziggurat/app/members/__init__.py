"""Members one by one and in lists: where they stand, why, and what persons decide about them."""
