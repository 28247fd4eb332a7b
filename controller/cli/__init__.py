"""`slipway`, also installed as `kubectl-slipway`: commands that need no cluster, and the controller itself.

Each command imports what it needs when it runs, so that `slipway --help` and the four fixed commands start at once.
"""

from controller.cli.app import main

__all__ = ["main"]
