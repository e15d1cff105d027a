"""What is wrong with a figure, in the reader's language; pydantic speaks English only."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MESSAGES: dict[str, Promise] = {
    "missing": gettext_lazy("This is needed."),
    "extra_forbidden": gettext_lazy("There is no such figure."),
    "greater_than_equal": gettext_lazy("At least %(ge)s."),
    "greater_than": gettext_lazy("More than %(gt)s."),
    "less_than_equal": gettext_lazy("At most %(le)s."),
    "less_than": gettext_lazy("Less than %(lt)s."),
    "decimal_parsing": gettext_lazy("Write a number."),
    "decimal_type": gettext_lazy("Write a number."),
    "decimal_max_places": gettext_lazy("At most %(decimal_places)s digits after the point."),
    "decimal_max_digits": gettext_lazy("At most %(max_digits)s digits."),
    "float_parsing": gettext_lazy("Write a number."),
    "int_parsing": gettext_lazy("Write a whole number."),
    "int_from_float": gettext_lazy("Write a whole number."),
    "bool_parsing": gettext_lazy("Choose yes or no."),
    "date_parsing": gettext_lazy("Write a date as 2026-12-31."),
    "date_from_datetime_parsing": gettext_lazy("Write a date as 2026-12-31."),
    "string_too_short": gettext_lazy("At least %(min_length)s characters."),
    "string_too_long": gettext_lazy("At most %(max_length)s characters."),
    "string_pattern_mismatch": gettext_lazy("Only small letters, digits and _; a letter first."),
    "too_short": gettext_lazy("At least %(min_length)s rows."),
    "too_long": gettext_lazy("At most %(max_length)s rows."),
    "literal_error": gettext_lazy("Choose one of: %(expected)s."),
    "enum": gettext_lazy("Choose one of: %(expected)s."),
    "union_tag_invalid": gettext_lazy("Choose one of: %(expected_tags)s."),
    "union_tag_not_found": gettext_lazy("Choose one."),
}
BOUNDS = ("ge", "gt", "le", "lt")


def message_of(problem: Mapping[str, Any], unit: str = "") -> str:
    """Return the message of one of pydantic's errors; bounds of ratios in percent, as they are typed."""
    from yaomai.kit.policies.figures import percent_text

    context = dict(problem.get("ctx", {}))
    if problem["type"] == "value_error":
        return str(context.get("error", problem["msg"]))
    if unit == "ratio":
        context |= {bound: f"{percent_text(context[bound])}%" for bound in BOUNDS if bound in context}
    message = MESSAGES.get(problem["type"])
    return (
        _("This cannot be accepted: %(problem)s") % {"problem": problem["msg"]}
        if message is None
        else str(message) % context
    )
