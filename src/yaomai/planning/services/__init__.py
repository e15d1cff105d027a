"""Writes of this room."""

from yaomai.planning.services.duties import duty_create, duty_miss, duty_update, duty_waive, propose_duty
from yaomai.planning.services.fulfilling import fulfil, unfulfil
from yaomai.planning.services.visits import visit_cancel, visit_create, visit_miss, visit_update

__all__ = [
    "duty_create",
    "duty_miss",
    "duty_update",
    "duty_waive",
    "fulfil",
    "propose_duty",
    "unfulfil",
    "visit_cancel",
    "visit_create",
    "visit_miss",
    "visit_update",
]
