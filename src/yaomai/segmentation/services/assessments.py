"""Record what people judge about customers; a newer judgement supersedes, none is overwritten."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Invalid, Missing
from yaomai.segmentation.attributes import BY_CODE, AssessedAttribute
from yaomai.segmentation.models import Assessment, Subject

CHUNK = 2000


def cleaned(attribute: AssessedAttribute, value: Any) -> Any:
    """Return a value as it is stored.

    Raises:
        Invalid: not a number within the attribute's bounds, or an unknown tag.
    """
    if attribute.unit == "tags":
        known = {code for code, _label in attribute.tags}
        chosen = [
            str(each) for each in (value if isinstance(value, list | tuple | set) else str(value).split(",")) if each
        ]
        if set(chosen) - known:
            raise Invalid(fields={"value": [_("Choose from the list.")]})
        return sorted(set(chosen))
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Invalid(fields={"value": [_("Enter a number.")]}) from None
    highest = 100 if attribute.unit == "points" else 10**12
    if not 0 <= number <= highest:
        raise Invalid(fields={"value": [_("Enter a number from 0 to %(highest)s.") % {"highest": highest}]})
    return int(number) if number.is_integer() else number


def _attribute(code: str, subject: str) -> AssessedAttribute:
    attribute = BY_CODE.get(code)
    if attribute is None or subject not in attribute.subjects:
        raise Missing
    return attribute


@act("segmentation.assessment:record", right="segmentation.tier:assess",
     sentence=_("%(actor)s assessed %(attribute)s of %(target)s: %(value)s"))  # fmt: skip
def assessment_record(
    *, actor: Actor, trail: Trail, subject: str, customer: int, attribute: str, value: Any, source: str,
    assessed_on: date, now: datetime,
) -> Assessment:  # fmt: skip
    """Record one judgement.

    Raises:
        Missing: no such attribute, or the customer is not in view.
        Invalid: the value is out of bounds, the source is empty, or the day is in the future.
    """
    declared = _attribute(attribute, subject)
    model: Any = Institution if subject == Subject.INSTITUTION else Professional
    target = model.objects.allowed("segmentation.tier:assess").filter(pk=customer).first()
    if target is None:
        raise Missing
    target = merging.standing(target)
    if not source.strip():
        raise Invalid(fields={"source": [_("Say where this comes from.")]})
    if assessed_on > local_day(now):
        raise Invalid(fields={"assessed_on": [_("The day lies in the future.")]})
    new = cleaned(declared, value)
    current = (
        Assessment.unscoped.select_for_update()
        .filter(attribute=attribute, superseded_at__isnull=True, **{subject: target})
        .first()
    )
    if current is not None:
        current.superseded_at = now
        current.save(update_fields=["superseded_at"])
    assessment: Assessment = Assessment.unscoped.create(
        attribute=attribute, value=new, source=source.strip()[:200], assessed_on=assessed_on,
        recorded_by_id=actor.person_id, recorded_at=now, **{subject: target},
    )  # fmt: skip
    before = current.value if current is not None else None
    trail.note(target, changes={attribute: (before, new)}, attribute=declared.label, value=new)
    return assessment


@act("segmentation.assessment:record_many", right="segmentation.tier:assess",
     sentence=_("%(actor)s recorded %(count)s assessments from %(source)s"))  # fmt: skip
def assessments_record(
    *, actor: Actor, trail: Trail, subject: str, rows: Sequence[tuple[int, str, Any]], source: str,
    assessed_on: date, now: datetime,
) -> int:  # fmt: skip
    """Record many judgements at once: (customer, attribute, value). All or none.

    Raises:
        Missing: an attribute is unknown, or a customer is not in view.
        Invalid: a value is out of bounds.
    """
    model: Any = Institution if subject == Subject.INSTITUTION else Professional
    customers = {customer for customer, _attribute_code, _value in rows}
    visible = set(
        model.objects.allowed("segmentation.tier:assess").filter(pk__in=customers).values_list("pk", flat=True)
    )
    if customers - visible:
        raise Missing
    values = {(customer, code): cleaned(_attribute(code, subject), value) for customer, code, value in rows}
    present = Assessment.unscoped.filter(superseded_at__isnull=True, **{f"{subject}__in": customers})
    changed = [
        row.pk
        for row in present.iterator(chunk_size=CHUNK)
        if values.get((getattr(row, f"{subject}_id"), row.attribute), row.value) != row.value
    ]
    same = {
        (getattr(row, f"{subject}_id"), row.attribute)
        for row in present.exclude(pk__in=changed).iterator(chunk_size=CHUNK)
    }
    Assessment.unscoped.filter(pk__in=changed).update(superseded_at=now)
    new = [
        Assessment(
            attribute=code, value=value, source=source.strip()[:200], assessed_on=assessed_on,
            recorded_by_id=actor.person_id, recorded_at=now, **{f"{subject}_id": customer},
        )
        for (customer, code), value in sorted(values.items())
        if (customer, code) not in same
    ]  # fmt: skip
    Assessment.unscoped.bulk_create(new, batch_size=CHUNK)
    trail.note(count=len(new), source=source, subject=subject)
    return len(new)
