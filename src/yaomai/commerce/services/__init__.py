"""Writes of commerce: intake of sales flow, and the review of its names."""

from yaomai.commerce.services.intake import batch_roll_back, flow_take_in
from yaomai.commerce.services.review import name_confirm, name_reopen, name_skip, names_rematch

__all__ = ["batch_roll_back", "flow_take_in", "name_confirm", "name_reopen", "name_skip", "names_rematch"]
