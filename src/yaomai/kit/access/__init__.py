"""Who may do what, on which rows.

Two questions, kept apart: *may this person do this verb* (a right such as `customers.institution:edit`, from
the position held today) and *on which rows* (the territories, the person, or the whole company that the
position reaches). An actor is always set; a scoped model queried without one raises `NoActor`.
"""

from yaomai.kit.access.actor import Actor, Grant, NoActor, acting, current_actor, require, system_actor
from yaomai.kit.access.rights import register as register_rights
from yaomai.kit.access.scope import Scope, ScopedManager, ScopedModel, ScopedQuerySet, get_visible, row_id
from yaomai.kit.access.versioned import Versioned

__all__ = [
    "Actor",
    "Grant",
    "NoActor",
    "Scope",
    "ScopedManager",
    "ScopedModel",
    "ScopedQuerySet",
    "Versioned",
    "acting",
    "current_actor",
    "get_visible",
    "register_rights",
    "require",
    "row_id",
    "system_actor",
]
