"""The namespaces in which the caller may see anything of Slipway."""

from controller.web.answer import Answer
from controller.web.authorise import SEE_DAGS, SEE_RUNS, Known, allowed_namespaces
from controller.web.queries.namespaces import known_namespaces
from controller.web.routes import address

router = address.router("namespaces")


class Namespaces(Answer):
    """Namespaces that have, or had, something of Slipway."""

    items: list[str]
    """Their names, sorted."""


@router.get("/namespaces")
async def list_namespaces(access: Known) -> Namespaces:
    """Where the caller may see Dags or runs."""
    known = await access.parts.reader.ask(known_namespaces)
    found: set[str] = set()
    for need in (SEE_DAGS, SEE_RUNS):
        where = await allowed_namespaces(access.parts, access.caller, need)
        found |= set(known if where is None else where)
    return Namespaces(items=sorted(found))
