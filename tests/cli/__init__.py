"""The commands, as other programs call them."""
