"""Words of the ledger: what value takes the form of, what is given, to whom, how it is paid."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FORMS: dict[str, Promise] = {
    "gift": _("Gift"),
    "textbook": _("Textbook"),
    "meal": _("Meal"),
    "fee": _("Service fee"),
    "travel": _("Travel"),
    "sample": _("Sample"),
    "grant": _("Grant or donation"),
    "sponsorship": _("Sponsorship"),
}
"""What value takes the form of."""

ITEMS: dict[str, Promise] = {
    "academic_book": _("Academic book"),
    "notebook": _("Notebook"),
    "pen": _("Pen"),
    "medical_tool": _("Small item of medical utility"),
    "print": _("Printed scientific material"),
}

RECIPIENTS = (
    ("professional", _("Professional")), ("organisation", _("Organisation")), ("department", _("Department")),
    ("relative", _("Relative of a professional")),
)  # fmt: skip
PAID_AS = (("bank", _("Bank transfer")), ("company", _("Paid by the company directly")), ("in_kind", _("In kind")))
CASH = {
    "cash": _("Cash"),
    "gift_card": _("Gift card"),
    "shopping_voucher": _("Shopping voucher"),
    "red_packet": _("Red packet"),
    "transfer_to_person": _("Payment to a personal account"),
}
OTHER_ITEMS = {
    "lecture": _("Lecture"),
    "consulting": _("Consulting"),
    "survey": _("Survey"),
    "meal": _("Meal"),
    "room": _("Room"),
    "transport": _("Transport of the attendee"),
    "registration": _("Registration fee"),
    "entertainment": _("Entertainment"),
    "leisure": _("Leisure"),
    "social": _("Social activity"),
    "bar": _("Bar"),
    "film": _("Films"),
    "laundry": _("Laundry"),
    "phone": _("Phone"),
    "private_trip": _("Private trip"),
    "product_sample": _("Product sample"),
    "donation": _("Donation"),
    "event_support": _("Support of an event"),
    "other": _("Other"),
}
EVERY_ITEM = {**ITEMS, **CASH, **OTHER_ITEMS}
"""What can be asked for. That something has a name does not mean that it may be given: the rules say so."""

SOCIAL = frozenset({"entertainment", "leisure", "social"})
FITTING: dict[str, frozenset[str]] = {
    "gift": frozenset({*ITEMS, "other"}),
    "textbook": frozenset({"academic_book", "print"}),
    "meal": frozenset({"meal"}),
    "fee": frozenset({"lecture", "consulting", "survey"}),
    "travel": frozenset(
        {"room", "transport", "registration", "bar", "film", "laundry", "phone", "private_trip", "other"}
    ),
    "sample": frozenset({"product_sample"}),
    "grant": frozenset({"donation", "other"}),
    "sponsorship": frozenset({"event_support", "registration", "other"}),
}
"""Which items a form can be; cash and entertainment can hide behind every form, so the rules are asked of them."""


def items_of(form: str) -> frozenset[str]:
    """Return the items that a form can be."""
    return FITTING[form] | frozenset(CASH) | SOCIAL
