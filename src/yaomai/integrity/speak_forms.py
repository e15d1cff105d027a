"""What a writer fills in; nothing but these fields is looked at."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from yaomai.integrity.letterbox import LENGTH, ROLES
from yaomai.integrity.models import Report
from yaomai.organization.roles import ROLES as ALL_ROLES

MOST_BYTES = 8 * 1024 * 1024
LONGEST = 20_000


class Several(forms.ClearableFileInput):
    """A choice of several files."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class FilesField(forms.FileField):
    """Several files; their names go no further than this."""

    widget = Several

    def clean(self, data: Any, initial: Any = None) -> list[bytes]:
        given: list[UploadedFile[Any]] = [each for each in (data or []) if each]
        if any((each.size or 0) > MOST_BYTES for each in given):
            raise forms.ValidationError(_("A file has at most 8 MB."))
        return [each.read() for each in given]


def _role_choices(language: str) -> list[tuple[str, str]]:
    named = {role.code: role.name if language.startswith("zh") else role.name_en for role in ALL_ROLES}
    return [(code, named[code]) for code in ROLES]


class ReportForm(forms.Form):
    """A report. `code` was drawn when the page was made: sent twice, it is one report."""

    category = forms.ChoiceField(label=_("What it is about"), choices=[("", "–"), *Report.Category.choices])
    text = forms.CharField(
        label=_("What happened"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("What, when, where, how you know. Leave out what only you can know, if you want to stay unknown."),
    )  # fmt: skip
    about = forms.CharField(
        label=_("Who is involved"), max_length=500, required=False,
        help_text=_("Full names. Whoever is named here or in the text never sees the report, nor do those who report to them."),
    )  # fmt: skip
    keep_from = forms.MultipleChoiceField(
        label=_("Keep it from"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("If you do not trust one of these departments here. At least one must be left."),
    )  # fmt: skip
    files = FilesField(  # type: ignore[assignment]
        label=_("Evidence"), required=False,
        help_text=_("Pictures or plain text. Pictures are drawn anew: place, device and time in them are removed."),
    )  # fmt: skip
    code = forms.CharField(widget=forms.HiddenInput, max_length=LENGTH * 2)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep_from"].choices = _role_choices(language)  # type: ignore[attr-defined]


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Tracking code"), max_length=LENGTH * 2,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


class ReplyForm(forms.Form):
    """A further message."""

    code = forms.CharField(widget=forms.HiddenInput, max_length=LENGTH * 2)
    text = forms.CharField(label=_("Your message"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}))
    files = FilesField(label=_("Evidence"), required=False)  # type: ignore[assignment]
