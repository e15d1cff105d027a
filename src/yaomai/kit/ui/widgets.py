"""Form controls beyond Django's."""

from typing import Any

from django import forms


class RemoteSelect(forms.Select):
    """A select that searches on the server while one types.

    `url` answers `?q=` with `{"results": [{"value", "text", "hint"}]}`. Give the chosen option in `choices`,
    so that it is shown before anything is searched.
    """

    def __init__(
        self, *, url: str, placeholder: Any = "", attrs: dict[str, Any] | None = None, choices: Any = ()
    ) -> None:
        super().__init__({"data-search-url": url, "data-placeholder": placeholder, **(attrs or {})}, choices)


class RemoteSelectMultiple(forms.SelectMultiple):
    """The same for several values."""

    def __init__(
        self, *, url: str, placeholder: Any = "", attrs: dict[str, Any] | None = None, choices: Any = ()
    ) -> None:
        super().__init__({"data-search-url": url, "data-placeholder": placeholder, **(attrs or {})}, choices)


class SearchSelect(forms.Select):
    """A select over known choices that can be searched by typing."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({"data-search": "", **(attrs or {})}, choices)


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        # A date input takes ISO dates only, whatever the language of the page.
        super().__init__(attrs, format="%Y-%m-%d")
