"""Actions -> writes to the API server, each safe to repeat.

perform.py does an action, manifests.py says what a create sends, refusal.py reads why a Pod was not accepted.
Every answer goes into the store at once, so that the next decision sees its own writes.
"""
