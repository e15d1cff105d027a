"""What the pages of this room show."""

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.integrity import dossiers, presenting
from yaomai.integrity.inspection import choices
from yaomai.integrity.models import Case, Dossier
from yaomai.integrity.policies import WatchPolicy
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on


def case(row: Case, actor: Actor) -> dict[str, Any]:
    """Return why it is a case, its lines, and what may be done."""
    policy, version = policy_on(WatchPolicy, on=timezone.localdate())
    may_edit = actor.may(Case.right("edit"))
    is_closed = row.state == Case.State.CLOSED
    return {
        "explanation": presenting.explained(row, policy, version),
        "lines": presenting.lines_of(row),
        "tone": presenting.TONES[row.state],
        "outcome_tone": presenting.OUTCOME_TONES.get(row.outcome, ""),
        "may_take": may_edit and not is_closed and row.owner_id != actor.person_id,
        "may_close": may_edit and not is_closed,
        "may_reopen": may_edit and is_closed,
    }


TONES = {"making": "info", "ready": "good", "deleted": ""}


def about_of_dossier(row: Dossier) -> str:
    """Return whom or what a dossier is about."""
    return str(row).partition(" · ")[0]


def dossier(row: Dossier, actor: Actor) -> dict[str, Any]:
    """Return what was asked for, what is in the file, and how to check it."""
    labels = dict(choices())
    return {
        "tone": TONES[row.state],
        "may_take": row.state == Dossier.State.READY and actor.may(Dossier.right("export")),
        "asked": [
            (_("From"), row.first_day), (_("Until"), row.last_day),
            (_("Lists"), "、".join(str(labels.get(code, code)) for code in row.sections) or _("Every list")),
            (_("Made by"), row.made_by),
        ],
        "held": [
            (pgettext("dossier", "Records"), row.rows), (_("Evidence files"), row.files),
            (_("Entries of the trail"), row.entries), (_("Size"), filesizeformat(row.size)),
        ],
        "flaws": [dossiers.flaw_said(*each) for each in row.flaws],
        "is_own_key": row.fingerprint == dossiers.fingerprint(),
    }  # fmt: skip
