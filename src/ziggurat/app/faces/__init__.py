"""What vendor faces keep beyond programs and members."""
