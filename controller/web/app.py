"""The parts of a web server -> the FastAPI app: routes, problems, limits, and the UI's files where there are any."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from fastapi.routing import APIRoute

from controller.model.crd import field_docs
from controller.web.actions import ClearRun, MarkRun
from controller.web.authorise import Public, requirement_of
from controller.web.bulk import BulkClear, BulkMark
from controller.web.etag import NotModified, answer_not_modified
from controller.web.limits import Limits
from controller.web.metrics import Measured
from controller.web.parts import Parts
from controller.web.problems import MEDIA_TYPE, Missing, handle_problems
from controller.web.routes import ROUTERS
from controller.web.routes.address import PREFIX

STATIC: Final = Path(__file__).with_name("static")
"""The built UI, in a wheel that has it."""

_NO_UI: Final = f"""This is Slipway's web server. The UI is not in this build.

The API: {PREFIX}/openapi.json
"""
_FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Of files whose name holds a hash of what is in them."""
_DESCRIPTION: Final = (
    "Reads Slipway's history and changes its resources, always with the caller's own Kubernetes rights. "
    "Send `Authorization: Bearer TOKEN`, or sign in for a cookie."
)


def build_app(parts: Parts, static: Path = STATIC) -> FastAPI:
    """The app; AssertionError when a route has no requirement, or several."""
    app = _routed(parts.settings.max_body_bytes)
    app.state.parts = parts
    app.add_exception_handler(NotModified, answer_not_modified)
    handle_problems(app)
    app.add_middleware(Limits, most_seconds=parts.settings.request_seconds)
    app.add_middleware(Measured, metrics=parts.metrics)
    _serve_schema(app, openapi())
    _serve_files(app, static)
    for route in app.router.routes:
        if isinstance(route, APIRoute) and requirement_of(route) is None:
            raise AssertionError(f"{route.methods} {route.path} has no requirement, or several")
    return app


@cache
def openapi() -> dict[str, Any]:
    """The API's description, which docs/openapi.json holds."""
    app = _routed()
    schema = get_openapi(title="Slipway", version="v1", description=_DESCRIPTION, routes=app.router.routes)
    schema.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    schema["security"] = [{"token": []}]
    for response in _responses(schema):
        told = response.get("content", {}).pop("application/json", None) if _is_problem(response) else None
        if told is not None:
            response["content"] = {MEDIA_TYPE: told}
    # These share fields with the resources, whose sentences are read from the source.
    for model in (ClearRun, MarkRun, BulkClear, BulkMark):
        fields = schema["components"]["schemas"][model.__name__]["properties"]
        for name, sentence in field_docs(model).items():
            fields[name]["description"] = sentence
    return schema


def _responses(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in schema["paths"].values():
        for operation in path.values():
            yield from operation["responses"].values()


def _is_problem(response: dict[str, Any]) -> bool:
    told = response.get("content", {}).get("application/json", {}).get("schema", {})
    return bool(told == {"$ref": "#/components/schemas/Problem"})


def _routed(most_bytes: int | None = None) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, max_body_size=most_bytes)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    return app


def _serve_schema(app: FastAPI, schema: dict[str, Any]) -> None:
    @app.get(f"{PREFIX}/openapi.json", include_in_schema=False, dependencies=[Depends(Public())])
    async def description() -> Response:
        """The description of this API."""
        return JSONResponse(schema)


def _serve_files(app: FastAPI, static: Path) -> None:
    """The UI under every address that is not the API's, so that its pages work by URL.

    What there is to serve is listed once: no text of a request is ever made into a path.
    """
    files = {path.relative_to(static).as_posix(): path for path in sorted(static.rglob("*")) if path.is_file()}

    @app.get("/{page:path}", include_in_schema=False, dependencies=[Depends(_Page())])
    async def page(request: Request, page: str) -> Response:
        """A page of the UI, or word that there is none."""
        if f"/{page}".startswith("/api/"):
            raise Missing(f"There is nothing at /{page[:200]}", way_on=f"GET {PREFIX}/openapi.json lists all addresses")
        if "index.html" not in files:
            return PlainTextResponse(_NO_UI, 200 if not page else 404)
        kept = _FOR_EVER if page in files and page.startswith("assets/") else "no-cache"
        return FileResponse(files.get(page, files["index.html"]), headers={"Cache-Control": kept})


class _Page(Public):
    """The UI's own addresses have parameters that only its scripts read."""

    async def __call__(self, request: Request) -> None:
        """Let everybody in."""
