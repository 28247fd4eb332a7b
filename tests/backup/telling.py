"""Progress that nobody wants to hear of."""


def told_nobody(what: str, count: int) -> None:
    """Say nothing."""
