"""Effect studies: begun, looked at again, corrected, closed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.insights.effects import measuring
from yaomai.insights.findings.policies import EffectPolicy
from yaomai.insights.models import EffectCheck, EffectStudy, TargetList
from yaomai.kit.access import Actor, get_visible, require
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Territory


class StillComputing(Conflict):
    """The look before is not finished."""

    code = "still_computing"
    message = _("The last look is still being computed. Wait until it is done.")


def _group(
    institutions: Sequence[int], scheme: str, tier: str, territory: Territory | None, target_list: TargetList | None
) -> tuple[str, Any]:
    """Return the one group that is named.

    Raises:
        Invalid: none, or more than one.
    """
    named: list[tuple[str, Any]] = []
    if institutions:
        named.append(("chosen", list(institutions)))
    if scheme and tier:
        named.append(("tier", (scheme, tier)))
    if territory is not None:
        named.append(("territory", get_visible(Territory, pk=territory.pk)))
    if target_list is not None:
        named.append(("list", get_visible(TargetList, pk=target_list.pk)))
    if len(named) != 1:
        raise Invalid(
            fields={
                "": [_("Say who had the change: ticked customers, a tier, a territory or a saved list; one of them.")]
            }
        )
    return named[0]


@act(
    "insights.effectstudy:create",
    sentence=_("%(actor)s began the effect study %(target)s of %(count)s customers with the change"),
)
def effect_study_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    name: str,
    change: str,
    since: date,
    what: str = "",
    measure: str = "amount",
    product: Product | None = None,
    institutions: Sequence[int] = (),
    scheme: str = "",
    tier: str = "",
    territory: Territory | None = None,
    target_list: TargetList | None = None,
    selection: str = "",
    recheck_on: date | None = None,
) -> EffectStudy:
    """Begin a study and ask for its first look; who had the change is frozen now.

    Raises:
        Missing: the actor sees no purchases, or not the product, territory or list.
        Invalid: no group or several, nobody in it, too many, a change that lies in the future, a look in the past.
    """
    require(actor, measuring.PURCHASES)
    today = local_day(now)
    kind, value = _group(institutions, scheme, tier, territory, target_list)
    wrong: dict[str, list[Any]] = {}
    if since > today:
        wrong["since"] = [_("The change lies in the future: nothing can have come of it yet.")]
    if recheck_on is not None and recheck_on <= today:
        wrong["recheck_on"] = [_("Choose a day to come.")]
    if wrong:
        raise Invalid(fields=wrong)
    policy, _version = policy_on(EffectPolicy, on=today)
    keys = list(measuring.in_group(kind, value).order_by("pk").values_list("pk", flat=True)[: policy.most + 1])
    if not keys:
        raise Invalid(_("Nobody is in this group whose purchases you may see."))
    if len(keys) > policy.most:
        raise Invalid(_("At most %(most)s customers fit into one study. Narrow the group first."), most=policy.most)
    study = EffectStudy(
        name=name.strip(), change=change, what=what.strip(), since=since, measure=measure,
        product=get_visible(Product, pk=product.pk) if product is not None else None, selection=selection[:300],
        treated=keys, recheck_on=recheck_on or today + timedelta(days=policy.recheck_days), made_by_id=actor.person_id,
        created_at=now, updated_at=now,
    )  # fmt: skip
    save(study)
    _ask(study, actor, now)
    trail.note(study, changes={"since": (None, since), "change": (None, study.get_change_display())}, count=len(keys))
    return study


def _ask(study: EffectStudy, actor: Actor, now: datetime) -> EffectCheck:
    from yaomai.insights.jobs import look_at_effect

    check = EffectCheck.unscoped.create(study=study, as_of=local_day(now), made_by_id=actor.person_id, created_at=now)
    look_at_effect.defer(actor=actor, check=check.pk)
    return check


@act(
    "insights.effectstudy:check",
    right="insights.effectstudy:create",
    sentence=_("%(actor)s asked for another look at the effect study %(target)s"),
)
def effect_study_check(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, recheck_on: date | None = None
) -> EffectCheck:
    """Look again with the data of today; earlier looks stay as they were.

    Raises:
        Missing, Archived; StillComputing: the look before is not done.
        Invalid: the next look lies in the past.
    """
    study = locked(EffectStudy, pk, verb="create")
    require_open(study)
    today = local_day(now)
    if recheck_on is not None and recheck_on <= today:
        raise Invalid(fields={"recheck_on": [_("Choose a day to come.")]})
    if EffectCheck.unscoped.filter(study=study, result__isnull=True).exists():
        raise StillComputing
    policy, _version = policy_on(EffectPolicy, on=today)
    before, study.recheck_on = study.recheck_on, recheck_on or today + timedelta(days=policy.recheck_days)
    touch(study, now)
    save(study, fields=["recheck_on"])
    trail.note(study, changes={"recheck_on": (before, study.recheck_on)})
    return _ask(study, actor, now)


@act(
    "insights.effectstudy:fill",
    right="insights.effectstudy:create",
    sentence=_("The effect study %(target)s was computed: %(verdict)s"),
)
def effect_check_fill(*, actor: Actor, trail: Trail, pk: int) -> EffectCheck:
    """Compute a look that was asked for; one that is done stays as it is.

    Raises:
        Missing: it is not in the actor's view.
    """
    get_visible(EffectCheck, pk=pk)
    check = EffectCheck.unscoped.select_for_update(of=("self",)).select_related("study").get(pk=pk)
    study = check.study
    if check.result is None:
        check.result, check.inputs = measuring.measured(study, as_of=check.as_of)
        check.save(update_fields=["result", "inputs"])
        study.verdict = check.result["verdict"]
        study.effect = check.result["effect"]["mean"] if study.verdict in EffectStudy.CLAIMS else None
        study.save(update_fields=["verdict", "effect"])
    trail.note(study, verdict=EffectStudy.Verdict(check.result["verdict"]).label)
    return check


@act(
    "insights.effectstudy:update",
    right="insights.effectstudy:edit",
    sentence=_("%(actor)s changed the effect study %(target)s"),
)
def effect_study_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> EffectStudy:
    """Change the name, the detail or the day of the next look; what was asked stays, or the answer would be another's.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    study = locked(EffectStudy, pk, expected_version=expected_version)
    require_open(study)
    differing = change(study, changes, allowed=("name", "what", "recheck_on"))
    touch(study, now)
    save(study, fields=differing)
    trail.note(study, changes=differing)
    return study


@act("insights.effectstudy:archive", sentence=_("%(actor)s closed the effect study %(target)s"))
def effect_study_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> EffectStudy:
    """Close a study; its looks stay as history."""
    study = locked(EffectStudy, pk, verb="archive", expected_version=expected_version)
    require_open(study)
    study.archived_at = now
    touch(study, now)
    save(study, fields=["archived_at"])
    trail.note(study, changes={"archived_at": (None, now)})
    return study
