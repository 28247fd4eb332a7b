"""Revisions of a Dag: their list, their source, and what has changed between two."""

from typing import Annotated

from fastapi import Path, Query, Request, Response
from pydantic import AfterValidator
from sqlalchemy.orm import Session

from controller.web.answer import Answer, Page
from controller.web.authorise import DagsHere
from controller.web.difference import unified
from controller.web.etag import check_etag, strong_etag
from controller.web.names import DagName, RevisionName, checked_name
from controller.web.paging import PageQuery
from controller.web.problems import Missing
from controller.web.queries.revisions import (
    RevisionDetail,
    RevisionLine,
    list_revisions,
    one_revision,
    revision_spec,
)
from controller.web.routes import address

router = address.router("revisions")

_OF_DAG = address.HERE + "/dags/{dag}/revisions"


class Difference(Answer):
    """What has changed between two revisions."""

    before: str
    """The revision that is compared with."""
    after: str
    """The revision that is looked at."""
    lines: list[str]
    """A unified diff of the two specs as YAML; empty where they are equal."""


@router.get(_OF_DAG)
async def revisions(
    namespace: str, dag: DagName, access: DagsHere, asked: Annotated[PageQuery, Query()]
) -> Page[RevisionLine]:
    """The Dag's revisions, newest first."""
    return await access.parts.reader.ask(lambda session: list_revisions(session, namespace, dag, asked))


@router.get(_OF_DAG + "/{revision}")
async def revision(
    request: Request, response: Response, access: DagsHere, dag: DagName, revision: RevisionName
) -> RevisionDetail:
    """One revision with the Dag's spec as it was written."""
    namespace = access.namespace
    found = await access.parts.reader.ask(lambda session: one_revision(session, namespace, dag, revision))
    if found is None:
        raise no_revision(dag, revision)
    check_etag(request, response, strong_etag(f"revision {namespace}/{revision}"))
    return found


@router.get(_OF_DAG + "/{revision}/diff/{before}")
async def diff(
    access: DagsHere,
    dag: DagName,
    revision: RevisionName,
    before: Annotated[str, Path(description="The revision to compare with."), AfterValidator(checked_name)],
) -> Difference:
    """What has changed since another revision of the Dag."""
    namespace = access.namespace

    def compare(session: Session) -> Difference:
        specs = {name: revision_spec(session, namespace, dag, name) for name in (before, revision)}
        for name, spec in specs.items():
            if spec is None:
                raise no_revision(dag, name)
        lines = unified(specs[before] or "", specs[revision] or "", (before, revision))
        return Difference(before=before, after=revision, lines=lines)

    return await access.parts.reader.ask(compare)


def no_revision(dag: str, revision: str) -> Missing:
    """There is no such revision."""
    return Missing(f"Dag {dag} has no revision {revision}", way_on="The Dag's `revisions` lists those that are kept")
