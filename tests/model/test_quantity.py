"""Amounts of memory: Kubernetes' text and its bytes."""

from fractions import Fraction

import pytest

from controller.model.quantity import format_memory, parse_quantity


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        (1024, 1024),
        ("1Ki", 1024),
        ("1.5Gi", 1536 * 1024**2),
        ("128Mi", 128 * 1024**2),
        ("500M", 500_000_000),
        ("2G", 2_000_000_000),
        ("1k", 1000),
        (".5Mi", 512 * 1024),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E", 10**18),
        ("12e-1", Fraction(6, 5)),
        ("100m", Fraction(1, 10)),
        ("1n", Fraction(1, 10**9)),
    ],
)
def test_a_quantity(text: str | int, size: Fraction | int) -> None:
    """Every unit of Kubernetes is exact."""
    assert parse_quantity(text) == size


@pytest.mark.parametrize("text", ["", "1Zi", "Gi", "-1", "1 Gi", "1gi", "0x10", "1e1000", "many"])
def test_no_quantity(text: str) -> None:
    """One sentence quotes it."""
    with pytest.raises(ValueError, match="is not a quantity"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [(1024**3, "1Gi"), (1536 * 1024**2, "1536Mi"), (1, "1Mi"), (1024**2 + 1, "2Mi"), (5 * 1024**3, "5Gi")],
)
def test_a_size_in_words(size: int, text: str) -> None:
    """It is rounded up to whole Mi, and to Gi only where that is exact."""
    assert format_memory(Fraction(size)) == text
