"""Writes of this room."""

from yaomai.listing.services.committees import (
    committee_archive,
    committee_create,
    committee_update,
    holder_end,
    holder_start,
    seat_end,
    seat_start,
)
from yaomai.listing.services.processes import (
    process_archive,
    process_close,
    process_create,
    process_move,
    process_update,
    stance_record,
)

__all__ = [
    "committee_archive",
    "committee_create",
    "committee_update",
    "holder_end",
    "holder_start",
    "process_archive",
    "process_close",
    "process_create",
    "process_move",
    "process_update",
    "seat_end",
    "seat_start",
    "stance_record",
]
