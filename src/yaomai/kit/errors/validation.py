"""What is wrong with a value that a schema refused, in the reader's language; pydantic speaks English only."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MESSAGES: dict[str, Promise] = {
    "missing": gettext_lazy("This is needed."),
    "extra_forbidden": gettext_lazy("There is no such field."),
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
    "string_type": gettext_lazy("Write a text."),
    "string_sub_type": gettext_lazy("Write a text."),
    "string_unicode": gettext_lazy("Write a text."),
    "int_type": gettext_lazy("Write a whole number."),
    "int_parsing_size": gettext_lazy("This number is too large."),
    "float_type": gettext_lazy("Write a number."),
    "finite_number": gettext_lazy("Write a number."),
    "decimal_whole_digits": gettext_lazy("At most %(whole_digits)s digits before the point."),
    "bool_type": gettext_lazy("Choose yes or no."),
    "date_type": gettext_lazy("Write a date as 2026-12-31."),
    "date_from_datetime_inexact": gettext_lazy("Write a date as 2026-12-31."),
    "datetime_type": gettext_lazy("Write a moment as 2026-12-31T09:30:00+08:00."),
    "datetime_parsing": gettext_lazy("Write a moment as 2026-12-31T09:30:00+08:00."),
    "datetime_from_date_parsing": gettext_lazy("Write a moment as 2026-12-31T09:30:00+08:00."),
    "list_type": gettext_lazy("Give a list."),
    "tuple_type": gettext_lazy("Give a list."),
    "set_type": gettext_lazy("Give a list."),
    "dict_type": gettext_lazy("Give an object with names and values."),
    "model_type": gettext_lazy("Give an object with names and values."),
    "model_attributes_type": gettext_lazy("Give an object with names and values."),
    "uuid_type": gettext_lazy("Write a UUID."),
    "uuid_parsing": gettext_lazy("Write a UUID."),
    "json_invalid": gettext_lazy("This is not JSON."),
    "none_required": gettext_lazy("Leave this empty."),
}


def message_of(problem: Mapping[str, Any], **context: Any) -> str:
    """Return the message of one of pydantic's errors; `context` overrides what the error says, such as its bounds."""
    said = {**problem.get("ctx", {}), **context}
    if problem["type"] == "value_error":
        return str(said.get("error", problem["msg"]))
    message = MESSAGES.get(problem["type"])
    return str(message) % said if message is not None else _("This value cannot be accepted. Check its type.")
