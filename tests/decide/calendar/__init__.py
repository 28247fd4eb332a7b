"""Schedules: which slots they have, which are due, and what is wrong with them."""
