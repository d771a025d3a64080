"""Programs on their way: drafts, approval, revisions, activation, and what a program counts."""
