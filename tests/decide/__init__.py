"""Deciders: frozen snapshot in, actions out."""
