"""The addresses of the API: a file for each resource, each route with one Requirement, no SQL."""

from fastapi import APIRouter

from controller.web.routes import (
    actions,
    approvals,
    assets,
    audit,
    backfills,
    bulk,
    bulk_dags,
    calendar,
    dags,
    events,
    grid,
    health,
    home,
    logs,
    namespaces,
    oidc,
    pod_events,
    pools,
    revisions,
    runs,
    session,
    specs,
    tasks,
    why,
)

ROUTERS: tuple[APIRouter, ...] = tuple(
    each.router
    for each in (
        session,
        oidc,
        health,
        home,
        namespaces,
        dags,
        revisions,
        runs,
        grid,
        calendar,
        tasks,
        specs,
        why,
        logs,
        pod_events,
        pools,
        backfills,
        approvals,
        assets,
        audit,
        events,
        actions,
        bulk,
        bulk_dags,
    )
)
"""In the order of the documentation."""
