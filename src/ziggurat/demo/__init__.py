"""Real shopping to try Ziggurat on, and a program for it."""
