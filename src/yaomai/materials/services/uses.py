"""Material shown to customers: the gate is asked first, and the use is kept."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, require_open, valid
from yaomai.kit.errors import Invalid, Missing
from yaomai.materials import using
from yaomai.materials.models import MaterialVersion, Use


@act("materials.use:create", sentence=_("%(actor)s showed %(target)s"))
def material_use(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    used: MaterialVersion | int,
    institution: Institution,
    on: date,
    professional: Professional | None = None,
    occasion: str = Use.Occasion.VISIT,
) -> Use:
    """Note that a version is shown or sent to a customer.

    Raises:
        RuleForbids: it is not approved, has expired, or was withdrawn; it conceals limitations.
        Missing: the customer is out of reach. Invalid: the day is still to come.
    """
    version = (
        MaterialVersion.unscoped.select_for_update()
        .filter(pk=used.pk if isinstance(used, MaterialVersion) else used)
        .first()
    )
    if version is None:
        raise Missing
    place = merging.standing(get_visible(Institution, pk=institution.pk))
    require_open(place)
    who = merging.standing(get_visible(Professional, pk=professional.pk)) if professional is not None else None
    if on > local_day(now):
        raise Invalid(fields={"on": [_("This day is still to come.")]})
    verdict = using.verdict_on(
        version, actor=actor, on=on, person=actor.person_id, professional=who.pk if who else None,
        institution=place.pk, territory=place.territory_id, noted_on=local_day(now),
    ).require(approved=True)  # fmt: skip
    use = Use(used=version, person_id=actor.person_id, institution=place, professional=who,
              territory_id=place.territory_id, on=on, occasion=occasion, created_at=now)  # fmt: skip
    valid(use)
    use.save(force_insert=True)
    verdict.keep(use)
    trail.note(use, changes={"used": (None, str(version)), "on": (None, on)})
    return use
