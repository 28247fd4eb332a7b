"""The metrics of the controller, of stories in virtual time."""
