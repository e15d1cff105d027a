"""How long uploaded files are kept."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure


class RetentionPolicy(Policy):
    """Uploaded files hold names: they stay as long as somebody may ask where the rows came from."""

    name: ClassVar[str] = "transfer.retention"
    label: ClassVar[Promise | str] = _("Retention of uploaded files")
    help: ClassVar[Promise | str] = _("What was imported stays, and can still be undone; only the file itself goes.")

    imported_days: int = figure(
        365, label=_("Imported files are kept for"), origin="assumed", unit="days", ge=30, le=3650
    )
    other_days: int = figure(
        30, label=_("Files that were not imported are kept for"), origin="assumed", unit="days", ge=1, le=365
    )
