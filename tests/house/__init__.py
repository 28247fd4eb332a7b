"""The house rules of style.md that a program can judge."""
