"""What sales forecasts tell the mechanisms below and the rooms beneath: rights, the wall, screens."""

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.insights.forecast import (
    policies,  # noqa: F401 — declarations
    surfaces,  # noqa: F401 — declarations
)
from yaomai.insights.models.forecasts import StockSign
from yaomai.insights.services.forecast import KIND
from yaomai.kit.access import register_rights
from yaomai.kit.runs import register_kind as register_run
from yaomai.kit.ui import navigation
from yaomai.organization import wall


def register() -> None:
    """Register all of it."""
    register_rights("insights.forecast", label=_("Sales forecasts"), verbs=("view", "export", "run", "publish"))
    wall.withhold("insights.forecast:*")
    register_run(KIND, label=_("Sales forecast"), entity="insights.forecast")
    screens = (
        (_("Sales forecast"), "forecast"),
        (_("All forecasts"), "forecast_list"),
        (_("Signs of stock"), "stocksign_list"),
    )
    for order, (label, name) in enumerate(screens, 30):
        navigation.register(
            section="insights", tab=_("Forecast"), label=label, url_name=f"insights:{name}", order=order,
            right="insights.forecast:view",
        )  # fmt: skip
    merging.register_reference(StockSign, "institution", unless=["product"])
