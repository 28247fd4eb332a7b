"""An admission request -> a refusal where its object is nested too deeply to be judged.

Who makes the webhook fail passes it by, and with it what it would have written. So what would exhaust the judge is
refused, before anything that is recursive sees it. No manifest of use has more than a few dozen levels.
"""

from typing import Any, Final

MOST_LEVELS: Final = 200


def bounded(request: dict[str, Any]) -> dict[str, Any] | None:
    """The response that refuses the request; None for one that can be judged.

    What is stored already is no obstacle: an old object that is too deep counts as one without a spec.
    """
    if is_deep(request.get("object")):
        message = f"the object is nested deeper than {MOST_LEVELS} levels"
        return {"uid": request.get("uid"), "allowed": False, "status": {"code": 422, "message": message}}
    if is_deep(request.get("oldObject")):
        request["oldObject"] = {**request["oldObject"], "spec": {}, "status": {}}
    return None


def is_deep(value: Any) -> bool:
    """Whether there are more levels than can be judged; not by recursion."""
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
