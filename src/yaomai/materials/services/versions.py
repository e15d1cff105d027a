"""The life of a version: drafted, submitted, pre-approved (推广材料预审), withdrawn."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.attachments.selectors import attachments_of
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.materials import rules, using
from yaomai.materials.models import Claim, Material, MaterialVersion
from yaomai.materials.policies import MaterialPolicy

KIND = "materials.version"
FIELDS = ("content", "limitations", "adverse_reactions", "sponsorship", "valid_until")
MOST_CLAIMS = 40


class NotOpen(Conflict):
    """The version cannot be changed in its state."""

    code = "material_version_state"
    message = _("This version is in the state “%(state)s”. Make a new one instead.")


@act("materials.version:draft", right="materials.material:edit", sentence=_("%(actor)s wrote %(target)s"))
def version_draft(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    material: int,
    claims: Sequence[Mapping[str, Any]] = (),
    expected_version: int | None = None,
    **fields: Any,
) -> MaterialVersion:
    """Write the open version of a material, or begin the next one.

    Raises:
        Missing, Stale, Archived, Invalid. NotOpen: it waits for a decision.
    """
    owner = locked(Material, material)
    require_open(owner)
    found = MaterialVersion.unscoped.filter(material=owner, state__in=["draft", "waiting", "returned"]).first()
    if found is None:
        last = MaterialVersion.unscoped.filter(material=owner).order_by("-number").first()
        version = MaterialVersion(material=owner, number=last.number + 1 if last else 1, created_at=now, updated_at=now)
    else:
        version = locked(MaterialVersion, found.pk, expected_version=expected_version)
        if not version.is_open:
            raise NotOpen(state=version.get_state_display())
    is_new = version._state.adding
    version.author_id, version.title = actor.person_id, owner.title
    version.state = MaterialVersion.State.DRAFT
    differing = change(version, fields, allowed=FIELDS)
    touch(version, now)
    save(version, fields=[*differing, "author", "state", "title"])
    noted: dict[str, Any] = dict(differing)
    before = [str(each) for each in version.claims.order_by("pk")]
    _write_claims(version, claims)
    after = [each["text"] for each in claims]
    if before != after:
        noted["claims"] = ("；".join(before), "；".join(after))
    trail.note(version, changes=noted if not is_new else {"number": (None, version.number), **noted})
    return version


def _write_claims(version: MaterialVersion, claims: Sequence[Mapping[str, Any]]) -> None:
    if len(claims) > MOST_CLAIMS:
        raise Invalid(fields={"claims": [_("At most %(most)s claims.") % {"most": MOST_CLAIMS}]})
    problems = {
        f"claims.{number}": [_("A claim needs its text, the studied population and the source.")]
        for number, each in enumerate(claims)
        if not all(str(each.get(name) or "").strip() for name in ("text", "population", "source"))
    }
    if problems:
        raise Invalid(fields=problems)
    version.claims.all().delete()
    Claim.objects.bulk_create(
        Claim(of=version, text=each["text"], indication=each.get("indication"), population=each["population"],
              source=each["source"])
        for each in claims
    )  # fmt: skip


@act(
    "materials.version:submit", right="materials.material:edit",
    sentence=_("%(actor)s submitted %(target)s for pre-approval"),
)  # fmt: skip
def version_submit(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> MaterialVersion:
    """Put a version before those who pre-approve it; from now on nobody changes it.

    Raises:
        NotOpen: it is no draft. Invalid: what is missing, by field.
        RuleForbids: a rule forbids such material, such as one that states no limitations.
        NobodyDecides: nobody else could decide.
    """
    version = locked(MaterialVersion, pk, expected_version=expected_version)
    if not version.is_open:
        raise NotOpen(state=version.get_state_display())
    if problems := _lacking(version, now):
        raise Invalid(fields=problems)
    verdict = using.verdict_on(version, actor=actor, on=local_day(now), assume_approved=True).require(approved=True)
    is_risky = bool(verdict.facts["off_label"]) or any(rule.level == "avoid" for rule in verdict.rules)
    version.state, version.digest = MaterialVersion.State.WAITING, using.digest_now(version)
    touch(version, now)
    save(version, fields=["state", "digest"])
    approvals.ask(
        actor=actor, kind=KIND, target=version, title=_("Pre-approval of %(material)s"),
        params={"material": str(version)}, facts=_facts(version, verdict.citations), reason=version.content[:500],
        now=now, risk="high" if is_risky else "", url=reverse("materials:materialversion_detail", args=[version.pk]),
    )  # fmt: skip
    trail.note(version, changes={"state": ("draft", version.state), "digest": (None, version.digest)})
    return version


def _lacking(version: MaterialVersion, now: datetime) -> dict[str, list[Any]]:
    """Return what a version lacks before anybody may approve it (D17, MR6)."""
    policy, _version = policy_on(MaterialPolicy, on=local_day(now))
    found: dict[str, list[Any]] = {}
    claims = list(version.claims.all())
    if claims and not version.material.products.exists():
        found["claims"] = [_("Claims are about products: name them on the material first.")]
    if any(each.indication_id is None for each in claims):
        found["claims"] = [_("Bind every claim to an indication.")]
    if version.material.kind == Material.Kind.PROMOTIONAL and not claims:
        found["claims"] = [_("Promotional material makes claims: state each with population and source.")]
    if not version.sponsorship.strip():
        found["sponsorship"] = [_("Say who paid for it.")]
    latest = rules.latest_end(local_day(now), policy.longest_months)
    if not local_day(now) < version.valid_until <= latest:
        found["valid_until"] = [_("Choose a day up to %(latest)s.") % {"latest": latest.isoformat()}]
    return found


def _label(version: MaterialVersion, name: str) -> Any:
    field: Any = version._meta.get_field(name)
    return field.verbose_name


def _facts(version: MaterialVersion, citations: Sequence[str]) -> list[approvals.Fact]:
    """Return the frozen copy that is approved."""
    before = MaterialVersion.unscoped.filter(material=version.material_id, state="approved").first()
    said: list[tuple[Any, str]] = [(_label(version, name), str(getattr(version, name))) for name in FIELDS]
    old = (
        {str(label): str(getattr(before, name)) for name, (label, _value) in zip(FIELDS, said, strict=True)}
        if before
        else {}
    )
    said += [
        (_("Claim"), f"{each.text}｜{each.indication or '–'}｜{each.population}｜{each.source}")
        for each in version.claims.select_related("indication").order_by("pk")
    ]
    said += [(_("File"), f"{each.name} · SHA-256 {each.sha256}") for each in attachments_of(version)]
    said += [(_("Products"), "、".join(str(each) for each in version.material.products.order_by("pk")))]
    said += [(_("Rules that strike"), "；".join(citations))]
    return [approvals.Fact(label, value, before=old.get(str(label), "")) for label, value in said if value]


@act(
    "materials.version:withdraw", right="materials.material:withdraw",
    sentence=_("%(actor)s withdrew %(target)s: %(reason)s"),
)  # fmt: skip
def version_withdraw(
    *, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime, expected_version: int | None = None
) -> MaterialVersion:
    """Make a version unusable at once, everywhere; a request that waits is taken back.

    Raises:
        Missing, Stale. NotOpen: it was withdrawn or replaced before. Invalid: no reason.
    """
    version = locked(MaterialVersion, pk, verb="withdraw", expected_version=expected_version)
    if version.state in (MaterialVersion.State.WITHDRAWN, MaterialVersion.State.REPLACED):
        raise NotOpen(state=version.get_state_display())
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why: everybody who used it is told.")]})
    before, version.state = version.state, MaterialVersion.State.WITHDRAWN
    version.ended_at, version.reason = now, reason.strip()[:300]
    approvals.withdraw(target=version, kind=KIND, now=now)
    touch(version, now)
    save(version, fields=["state", "ended_at", "reason"])
    trail.note(version, changes={"state": (before, version.state)}, reason=version.reason)
    return version
