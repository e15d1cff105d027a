"""How large attachments may be."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure


class AttachmentPolicy(Policy):
    """Bounds on files that people attach."""

    name: ClassVar[str] = "attachments.files"
    label: ClassVar[Promise | str] = _("Attachments")
    help: ClassVar[Promise | str] = _(
        "Files keep their content; what tells about maker, place and author is taken out."
    )

    megabytes: int = figure(20, label=_("Largest file"), origin="assumed", unit="count", ge=1, le=200, help=_("In MB."))
    each: int = figure(20, label=_("Most files of one record"), origin="assumed", unit="count", ge=1, le=200)
    megapixels: int = figure(
        60, label=_("Largest picture"), origin="assumed", unit="count", ge=1, le=200, help=_("In millions of pixels.")
    )
