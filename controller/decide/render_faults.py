"""What can be wrong with a template: for those who fill one in, and for templates.py, which finds it."""

from typing import Final

RENDERED_CHARS: Final = 131_072
"""The longest text that comes of a template."""
TASK_NAMES: Final = frozenset({"params", "tasks", "run", "dag", "item"})
"""What the templates of tasks know."""


class RenderFault(ValueError):
    """The user's expression can't be filled in; the text is one sentence."""


class Missing(RenderFault):
    """The user's expression reads what is not there."""
