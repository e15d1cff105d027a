"""What this room adds to the page of a professional and to its own pages."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from yaomai.customers.models import Professional
from yaomai.influence import selectors
from yaomai.influence.models import Publication
from yaomai.kit.access import Actor
from yaomai.kit.ui import formats

SHOWN = 6
"""Items of one kind on a person's page; the lists have all."""
SHOWN_TIES = 10


def academic(professional: Professional, actor: Actor) -> Mapping[str, Any] | None:
    """Return the academic record of a person; None without any for who may not add to it."""
    parts = selectors.academic_record(professional.pk, as_of=timezone.localdate())
    may_add = actor.may("influence.record:create") and professional.archived_at is None
    if not may_add and not any(part.items for part in parts):
        return None
    return {
        "parts": [(part, part.items[:SHOWN], len(part.items) - SHOWN) for part in parts],
        "may_add": may_add,
    }


def authors(publication: Publication, actor: Actor) -> Mapping[str, Any]:
    """Return the authors of a publication who are in view, and how many are not."""
    seen, others = selectors.authors(publication)
    return {
        "authors": seen,
        "others": others,
        "link": publication.link,
        "may_edit": actor.may("influence.record:edit") and publication.archived_at is None,
    }


def tied(professional: Professional, actor: Actor) -> Mapping[str, Any] | None:
    """Return to whom a person is tied, and where they stand in the network; None without any for who may not add one."""
    found, unseen = selectors.ties_of(professional.pk, day=timezone.localdate())
    may_add = actor.may("influence.tie:create") and professional.archived_at is None
    if not found and not unseen and not may_add:
        return None
    standing = selectors.standing_of(professional.pk)
    return {
        "bridge": formats.percent(standing.bridge) if standing is not None and standing.bridge else "",
        "ties": found[:SHOWN_TIES],
        "more": max(0, len(found) - SHOWN_TIES),
        "unseen": unseen,
        "standing": standing,
        "may_add": may_add,
    }
