"""REST of background work: how far a job is, and where its result stands."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from yaomai.kit.jobs import selectors
from yaomai.kit.surfaces.api import PROBLEMS

router = Router(tags=["jobs.job"])


class JobOut(Schema):
    id: int
    label: str
    state: str
    done: int
    total: int | None
    error: str
    """In the reader's language; "" while nothing is wrong."""
    result_url: str
    """The page of what it made; "" when there is none."""
    created_at: datetime
    finished_at: datetime | None


@router.get("/{pk}", response={200: JobOut, **PROBLEMS}, summary="How far a job is", operation_id="jobs_job_get")
def job(request: HttpRequest, pk: int) -> JobOut:
    found = selectors.job_get(pk=pk)
    return JobOut(
        id=found.pk, label=str(found), state=found.state, done=found.done, total=found.total, error=found.error_text,
        result_url=found.result.get("url", ""), created_at=found.created_at, finished_at=found.finished_at,
    )  # fmt: skip
