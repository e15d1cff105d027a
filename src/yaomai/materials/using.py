"""Whether a version may be used: the facts of the kind `material`, which the gate is asked with."""

from datetime import date
from typing import Any

from yaomai.compliance import gate
from yaomai.kit.access import Actor
from yaomai.kit.attachments.selectors import attachments_of
from yaomai.materials import rules
from yaomai.materials.models import MaterialVersion

KIND = "material"
FACTS = (
    "person", "professional", "institution", "material_approved", "shows_limitations", "sponsor_stated", "off_label",
)  # fmt: skip
TEXTS = ("content", "limitations", "adverse_reactions", "sponsorship")


def is_usable(version: MaterialVersion, on: date) -> bool:
    """Tell whether a version is approved and in force on a day."""
    return version.state == MaterialVersion.State.APPROVED and on <= version.valid_until


def facts_of(version: MaterialVersion, *, on: date, assume_approved: bool = False, **about: Any) -> dict[str, Any]:
    """Return what the gate is asked with; `assume_approved` asks what would be said of it once it is approved."""
    claimed = version.claims.values_list("indication_id", flat=True) if version.pk else ()
    label = version.material.products.values_list("indications", flat=True)
    return {
        "person": None, "professional": None, "institution": None, "territory": None, "noted_on": on,
        "products": sorted(filter(None, version.material.products.values_list("code", flat=True))),
        "material_approved": assume_approved or is_usable(version, on),
        "shows_limitations": bool(version.limitations.strip() and version.adverse_reactions.strip()),
        "sponsor_stated": bool(version.sponsorship.strip()),
        "off_label": rules.off_label(claimed, [pk for pk in label if pk is not None]),
    } | about  # fmt: skip


def verdict_on(
    version: MaterialVersion, *, actor: Actor, on: date, assume_approved: bool = False, **about: Any
) -> gate.Verdict:
    """Return what the rules say of using a version on a day."""
    facts = facts_of(version, on=on, assume_approved=assume_approved, **about)
    return gate.check(KIND, facts, actor, on)


def digest_now(version: MaterialVersion) -> str:
    """Return the digest of a version as it stands: texts, claims, files."""
    claims = version.claims.order_by("pk").values_list("text", "indication_id", "population", "source")
    texts = {name: getattr(version, name) for name in TEXTS} | {"valid_until": version.valid_until.isoformat()}
    return rules.digest_of(texts, list(claims), [each.sha256 for each in attachments_of(version)])
