"""How to approach a professional (A2, A13, A14, A16, D2, D3): playbooks by customer type, advice by style, next topic.

What a person's style is, is recorded as a profile field with its source; what follows from it, the policy says.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from yaomai.customers import profile
from yaomai.customers.models import CustomerType, Fact, Professional
from yaomai.customers.policies import ApproachPolicy
from yaomai.engine.inputs import Label
from yaomai.kit.explain import PolicyReference
from yaomai.kit.policies.selectors import policy_on

LONGEST_TOPIC = 120


def said(label: Label) -> str:
    """Return a text of the policy in the reader's language."""
    return label.in_language(get_language() or "zh")


def _styles() -> tuple[tuple[str, profile.Label], ...]:
    policy, _version = policy_on(ApproachPolicy, on=timezone.localdate())
    return tuple((style.name, said(style.label)) for style in policy.styles)


def _style_types() -> tuple[tuple[str, profile.Label], ...]:
    policy, _version = policy_on(ApproachPolicy, on=timezone.localdate())
    return tuple((each.name, said(each.label)) for each in policy.style_types)


def declare_fields() -> None:
    """Declare the profile fields whose choices the policy decides."""
    profile.register(profile.ProfileField(
        code="style", entity="professional", group=profile.Group.PREFERENCES, requirement="A14",
        label=gettext_lazy("Style of communication"), kind=profile.Kind.CHOICE, offered=_styles,
        help=gettext_lazy("As seen in conversations; the page says how to meet it."),
    ))  # fmt: skip
    profile.register(profile.ProfileField(
        code="style_type", entity="professional", group=profile.Group.PREFERENCES, requirement="A13", weight=2,
        label=gettext_lazy("Style type"), kind=profile.Kind.CHOICE, offered=_style_types,
        help=gettext_lazy("What this person looks for at work; the page says which materials help."),
    ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice: for what it holds, how to go about it, in labelled lines."""

    title: str
    because: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """What to talk about next, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Approach:
    """How to approach one person."""

    topic: Topic | None
    advice: tuple[Advice, ...]
    reference: PolicyReference


def approach_to(professional: Professional, facts: Mapping[str, Fact], *, today: date) -> Approach:
    """Return topic and advice for a person, from what is marked and recorded."""
    policy, version = policy_on(ApproachPolicy, on=today)
    reference = PolicyReference(
        name=ApproachPolicy.name,
        label=str(ApproachPolicy.label),
        version=version.number if version else None,
        valid_from=version.valid_from if version else None,
        origin="S0、S2",
        url=reverse("policies:policy_detail", args=[ApproachPolicy.name]),
    )
    types = [value for value in CustomerType.values if value in professional.customer_types]
    advice = (*_playbooks(policy, types), *_styled(policy, facts))
    return Approach(next_topic(policy, facts, types), advice, reference)


def _playbooks(policy: ApproachPolicy, types: Collection[str]) -> list[Advice]:
    return [
        Advice(
            title=said(book.label),
            because=_("Customer type: %(type)s") % {"type": CustomerType(book.name).label},
            lines=(
                (_("Needs to look for"), said(book.needs)),
                (_("How to win trust"), said(book.strategy)),
                (_("Avoid"), said(book.avoid)),
            ),
        )
        for book in policy.playbooks
        if book.name in types
    ]


def _styled(policy: ApproachPolicy, facts: Mapping[str, Fact]) -> list[Advice]:
    found = []
    if (fact := facts.get("style_type")) and (kind := policy.style_type(fact.value)):
        lines = ((_("Looks for"), said(kind.cares)), (_("Materials that help"), said(kind.materials)))
        found.append(Advice(said(kind.label), _because(_("Style type"), fact), lines))
    if (fact := facts.get("style")) and (style := policy.style(fact.value)):
        lines = ((_("How to tell"), said(style.signs)), (_("How to meet it"), said(style.advice)))
        found.append(Advice(said(style.label), _because(_("Style of communication"), fact), lines))
    return found


def _because(label: str, fact: Fact) -> str:
    return _("%(field)s, recorded %(day)s (source: %(source)s)") % {
        "field": label, "day": timezone.localdate(fact.recorded_at).isoformat(), "source": fact.source,
    }  # fmt: skip


def next_topic(policy: ApproachPolicy, facts: Mapping[str, Fact], types: Collection[str]) -> Topic | None:
    """Return the topic that the first known field of the policy's order gives; None when none is known."""
    for code in policy.topic_order:
        if code == "customer_types" and types:
            book = next((book for book in policy.playbooks if book.name in types), None)
            if book is not None:
                reason = _("Customer type: %(type)s") % {"type": CustomerType(book.name).label}
                return Topic(said(book.needs), reason)
        declared, fact = profile.field("professional", code), facts.get(code)
        if declared is None or fact is None:
            continue
        text = Truncator(declared.shown(fact.value)).chars(LONGEST_TOPIC)
        if code == "style_type" and (kind := policy.style_type(fact.value)):
            text = said(kind.materials)
        return Topic(text, _because(str(declared.label), fact))
    return None
