"""A caller who may change something, and a filter's namespace -> where the filter looks."""

from controller.web.authorise import Access, allowed_namespaces, refusal
from controller.web.need import Need


async def seen(access: Access, need: Need, namespace: str | None) -> tuple[str, ...] | None:
    """What the caller may both change and see, in the namespace that is asked for; None = everywhere."""
    where: tuple[str, ...] | None = (namespace,) if namespace is not None else None
    visible = await allowed_namespaces(access.parts, access.caller, need)
    for each, limit in ((access.need or need, access.namespaces), (need, visible)):
        if limit is not None and namespace is not None and namespace not in limit:
            raise refusal(each, namespace)
        if limit is not None:
            where = limit if where is None else tuple(name for name in where if name in limit)
    return where
