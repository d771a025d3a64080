"""What was changed by whom, in a chain that shows tampering."""
