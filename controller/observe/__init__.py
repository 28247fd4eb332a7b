"""The API server's objects -> the newest of each in memory, what is due to be looked at, and frozen snapshots of it.

Feeders (informer.py, feeders.py) put objects into the store; the store keeps indexes and marks what is due;
snapshots.py gathers what one decision needs. Nothing here decides.
"""
