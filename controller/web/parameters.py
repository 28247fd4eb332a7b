"""A request and its route -> whether every query parameter is one that the route has."""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from controller.web.problems import Invalid


def refuse_unknown_parameters(request: Request) -> None:
    """Invalid for a query parameter that the route does not have: a misspelt filter must not show everything."""
    if not request.query_params:
        return
    route = request.scope.get("route")
    known = _parameters(route) if isinstance(route, APIRoute) else frozenset()
    for name in request.query_params:
        if name not in known:
            told = ", ".join(sorted(known)) or "none"
            raise Invalid(f"there is no parameter {name[:60]!r} here (there is: {told})", parameter=name[:60])


def _parameters(route: APIRoute) -> frozenset[str]:
    names: set[str] = set()
    for dependant in with_inner(route.dependant):
        for field in dependant.query_params:
            model = field.field_info.annotation
            if isinstance(model, type) and issubclass(model, BaseModel):
                names |= {each.alias or name for name, each in model.model_fields.items()}
            else:
                names.add(field.alias)
    return frozenset(names)


def with_inner(dependant: Dependant) -> Iterator[Dependant]:
    """The dependant and all that it depends on."""
    yield dependant
    for inner in dependant.dependencies:
        yield from with_inner(inner)
