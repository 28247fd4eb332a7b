"""Actions -> writes to the API server, one function for each kind of action, each safe to repeat.

perform.py joins an action to its function; objects.py creates, status.py writes status, pods.py ends and releases.
Every answer goes into the store at once, so that the next decision sees its own writes.
"""
