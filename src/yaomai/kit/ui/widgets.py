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

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """Begin with choosing nothing: without it the browser would send the only choice, chosen or not."""
        groups: list[Any] = super().optgroups(name, value, attrs)
        if any(option["value"] in ("", None) for _label, options, _index in groups for option in options):
            return groups
        nothing = self.create_option(name, "", "–", not any(value), 0, attrs=attrs)
        return [(None, [nothing], 0), *groups]


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
