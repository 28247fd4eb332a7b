"""Random Dags, random mishaps: what holds for all of them.

In CI the same examples are drawn each time; `PROPERTY_EXAMPLES=5000 pytest tests/properties` looks for new ones.
"""

import os

from hypothesis import settings


def examples(number: int) -> settings:
    """So many examples, the same each time, unless the environment asks for others."""
    wanted = os.environ.get("PROPERTY_EXAMPLES")
    if wanted is None:
        return settings(derandomize=True, deadline=None, database=None, max_examples=number)
    return settings(deadline=None, max_examples=int(wanted))
