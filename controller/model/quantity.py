"""Kubernetes' text for an amount of memory -> its bytes, and back."""

import re
from fractions import Fraction
from typing import Final

_FORM: Final = re.compile(r"^\+?(\d+\.?\d*|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$")
_SIZES: Final = {
    **{unit: Fraction(10) ** power for unit, power in zip("numkMGTPE", (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True)},
    **{f"{unit}i": Fraction(1024) ** power for power, unit in enumerate("KMGTPE", start=1)},
}
MEBIBYTE: Final = 1024**2


def parse_quantity(text: str | int) -> Fraction:
    """The amount in units of one; ValueError for what is no quantity above or equal to 0."""
    match = _FORM.match(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a quantity: write a number with a unit, such as 512Mi or 2Gi")
    number, unit, exponent = match.groups()
    return Fraction(number) * (_SIZES[unit] if unit else Fraction(10) ** int(exponent or 0))


def format_memory(size: Fraction) -> str:
    """The amount in whole Mi, rounded up, or in Gi where that is whole too."""
    mebibytes = -(-size // MEBIBYTE)
    return f"{mebibytes // 1024}Gi" if mebibytes % 1024 == 0 else f"{mebibytes}Mi"
