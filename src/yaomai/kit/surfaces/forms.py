"""Forms of a surface: the model's fields with their widgets and checks; they never save."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django import forms
from django.db import models
from django.forms import modelform_factory

from yaomai.kit.access import ScopedModel
from yaomai.kit.errors import Conflict, Invalid, Refused
from yaomai.kit.surfaces.filters import RemoteSelect, RemoteSelectOne, options_url

T = TypeVar("T")


def attempt(form: forms.BaseForm, work: Callable[[], T]) -> T | None:
    """Run a service and return what it returns; what it refuses is said in the form, which then has errors."""
    try:
        return work()
    except (Invalid, Refused, Conflict) as error:
        fields = error.fields if isinstance(error, Invalid) else {}
        for name, texts in fields.items():
            form.add_error(name if name in form.fields else None, [str(text) for text in texts])
        if not any(fields.values()):
            form.add_error(None, str(error))
        if isinstance(error, Refused):
            for citation in error.citations:
                form.add_error(None, citation)
    return None


def _form_field(field: "models.Field[Any, Any]", **kwargs: Any) -> forms.Field | None:
    """Return the form field of a model field: relations are searched remotely within the actor's view."""
    related = field.related_model if field.is_relation else None
    if related is not None and isinstance(related, type) and issubclass(related, models.Model):
        queryset = related._default_manager.all()
        url = options_url(related)
        if field.many_to_many:
            return forms.ModelMultipleChoiceField(
                queryset=queryset,
                required=not field.blank,
                label=field.verbose_name,
                widget=RemoteSelect(url),
            )
        if url:
            return forms.ModelChoiceField(
                queryset=queryset, required=not field.blank, label=field.verbose_name, help_text=field.help_text,
                widget=RemoteSelectOne(url),
            )  # fmt: skip
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        kwargs["widget"] = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    if isinstance(field, models.TextField):
        kwargs["widget"] = forms.Textarea(attrs={"rows": 3})
    return field.formfield(**kwargs)


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Checks values for a service and saves nothing itself."""

    def save(self, commit: bool = True) -> Any:
        raise TypeError("forms do not save; pass cleaned_data to a service")

    def changed_values(self) -> dict[str, Any]:
        """Return the values the person changed, by field."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}


def form_class(model: type[ScopedModel], fields: Sequence[str]) -> type[ServiceForm]:
    """Return the form of some fields of a model."""
    made = modelform_factory(model, form=ServiceForm, fields=list(fields), formfield_callback=_form_field)
    assert issubclass(made, ServiceForm)
    return made
