"""The addresses of the API: a file for each resource, each route with one Requirement, no SQL."""

from fastapi import APIRouter

from controller.web.routes import (
    actions,
    dags,
    events,
    grid,
    health,
    logs,
    namespaces,
    pools,
    revisions,
    runs,
    session,
    tasks,
)

ROUTERS: tuple[APIRouter, ...] = tuple(
    each.router
    for each in (
        session,
        health,
        namespaces,
        dags,
        revisions,
        runs,
        grid,
        tasks,
        logs,
        pools,
        events,
        actions,
    )
)
"""In the order of the documentation."""
