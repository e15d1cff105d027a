"""What people do with boards and report packs."""

from yaomai.kit.dashboards.services.boards import (
    board_archive,
    board_create,
    board_share,
    board_update,
    export_record,
    said_shares,
)
from yaomai.kit.dashboards.services.packs import (
    delivery_make,
    delivery_take,
    hand_out,
    pack_archive,
    pack_create,
    pack_try,
    pack_update,
    said_receivers,
)

__all__ = [
    "board_archive",
    "board_create",
    "board_share",
    "board_update",
    "delivery_make",
    "delivery_take",
    "export_record",
    "hand_out",
    "pack_archive",
    "pack_create",
    "pack_try",
    "pack_update",
    "said_receivers",
    "said_shares",
]
