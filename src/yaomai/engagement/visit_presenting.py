"""What the checks found, in words; how visits are shown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.engagement.models import Visit
from yaomai.engagement.policies import TruthPolicy
from yaomai.engagement.policies.truth import LEVELS, NAMES
from yaomai.kit.acts.rows import local_day
from yaomai.kit.explain import Explanation, PolicyReference
from yaomai.kit.policies.selectors import policy_on

TONES = {"valid": "good", "suspicious": "warn", "invalid": "bad"}
SENTENCES = {
    "overlap": gettext_lazy("At %(time)s another visit of yours took place at another institution."),
    "photo": gettext_lazy("The photo looks like one of another visit."),
    "too_near": gettext_lazy(
        "Only %(minutes)s minutes lie between this and a visit at another institution; %(limit)s is the least."
    ),
    "far": gettext_lazy("The phone was %(metres)s metres from the institution; up to %(limit)s is usual."),
    "too_many": gettext_lazy("%(count)s visits on this day; up to %(limit)s is usual."),
    "text": gettext_lazy("The text is almost that of the report of %(day)s."),
    "colleague": gettext_lazy(
        "A colleague reported the same people at the same time, and you said it was another visit."
    ),
    "short": gettext_lazy("It lasted %(minutes)s minutes; at least %(limit)s is usual."),
    "clock_set": gettext_lazy("The clock of the phone was set between writing and sending."),
    "clock": gettext_lazy("The clock of the phone was wrong by %(minutes)s minutes; the time was corrected."),
    "late": gettext_lazy("Reported %(days)s days later; up to %(limit)s is usual."),
    "odd_hour": gettext_lazy("It began at %(time)s."),
    "day_off": gettext_lazy("%(day)s was no working day."),
    "stranger": gettext_lazy("Not known to work there: %(names)s. Complete the affiliation."),
    "rule": gettext_lazy("%(text)s (%(citation)s) An auditor decides."),
    "no_evidence": gettext_lazy("There is no location, photo, material or colleague. This alone casts no doubt."),
}
MENDS = {
    "overlap": gettext_lazy("Correct the times of one of the two, or explain."),
    "photo": gettext_lazy("Add another photo, or explain."),
    "too_near": gettext_lazy("Correct the times, or explain."),
    "far": gettext_lazy("Explain where you met."),
    "text": gettext_lazy("Write what was special about this visit."),
}


def finding_said(finding: Mapping[str, Any]) -> str:
    """Return what a check found, in the reader's language."""
    sentence = SENTENCES.get(finding["code"])
    return str(sentence) % finding["params"] if sentence is not None else str(finding["code"])


def explanation_of(visit: Visit) -> Explanation:
    """Return why a visit counts or does not."""
    _policy, version = policy_on(TruthPolicy, on=local_day(visit.reported_at))
    reference = PolicyReference(
        name=TruthPolicy.name, label=str(TruthPolicy.label), version=version.number if version else None,
        valid_from=version.valid_from if version else None, origin="S1（E9）",
        url=reverse("policies:policy_detail", args=[TruthPolicy.name]),
    )  # fmt: skip
    head = _("Counts: %(validity)s") % {"validity": visit.get_validity_display()}
    if visit.decided_at is not None:
        head = f"{head} · {_('decided by an auditor')}"
    elif not visit.findings:
        head = f"{head} · {_('nothing odd was found')}"
    decisive = {each["code"] for each in visit.findings if each["level"] in ("doubt", "proof")}
    return Explanation(
        sentence=head,
        lift=tuple(str(MENDS[code]) for code in MENDS if code in decisive and visit.decided_at is None),
        policy=reference, as_of=local_day(visit.reported_at),
        children=tuple(
            Explanation(sentence=f"{LEVELS[each['level']]}：{finding_said(each)}", sources=(str(NAMES.get(each["code"], "")),))
            for each in visit.findings
        ),
    )  # fmt: skip


def lines(visits: Iterable[Visit]) -> list[dict[str, Any]]:
    """Return visits as events of a timeline."""
    return [
        {
            "at": visit.started_at,
            "title": f"{visit.get_content_type_display()} · {visit.institution}",
            "text": visit.content[:120],
            "icon": "map-pin",
            "url": reverse("engagement:visit_detail", args=[visit.pk]),
            "who": str(visit.person or ""),
        }
        for visit in visits
    ]


def contacts_of(rows: Sequence[Any]) -> dict[int, str]:
    """Return whom each visit met, by id; one query."""
    found: dict[int, list[str]] = {}
    links: Any = Visit.contacts.through
    for pk, name in (
        links.objects.filter(visit__in=[row.pk for row in rows])
        .order_by("pk")
        .values_list("visit_id", "professional__name")
    ):
        found.setdefault(pk, []).append(name)
    return {pk: "、".join(names) for pk, names in found.items()}
