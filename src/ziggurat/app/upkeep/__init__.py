"""What happens without being asked: due decisions, background work, and checks of what is derived."""
