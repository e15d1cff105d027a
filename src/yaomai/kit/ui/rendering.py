"""How forms are drawn: by Django's templates, but the options of a select, of which a page has hundreds, at once."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.forms.widgets import Select
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

Option = Mapping[str, Any]


class FormRenderer(DjangoTemplates):
    """The renderer of all forms (FORM_RENDERER)."""

    def render(self, template_name: str, context: Any, request: Any = None) -> SafeString:
        """Return a form, field or widget as HTML."""
        if template_name == Select.template_name:
            return _select(context["widget"])
        return SafeString(super().render(template_name, context, request))


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = [_group(name, options) for name, options, _index in widget["optgroups"]]
    name = conditional_escape(widget["name"])
    return SafeString(f'<select name="{name}"{flatatt(widget["attrs"])}>{"".join(groups)}</select>')


def _group(name: Any, options: Iterable[Option]) -> str:
    inside = "".join(map(_option, options))
    return f'<optgroup label="{conditional_escape(name)}">{inside}</optgroup>' if name else inside


def _option(option: Option) -> str:
    value, label = conditional_escape(str(option["value"])), conditional_escape(str(option["label"]))
    return f'<option value="{value}"{flatatt(option["attrs"]) if option["attrs"] else ""}>{label}</option>'
