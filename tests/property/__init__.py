"""What holds for every program and every history."""
