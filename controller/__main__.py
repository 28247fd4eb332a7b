"""`python -m controller` is the command `slipway`."""

from controller.cli import main

main()
