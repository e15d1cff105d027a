"""What other packs would change: shown beside a proposal before anybody approves it."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.compliance import replays, rulebook
from yaomai.compliance.policies import PackPolicy
from yaomai.kit.access import Actor
from yaomai.kit.policies.previews import PreviewResult
from yaomai.kit.ui.tables import Column, Row, Table


def packs(policy: PackPolicy, actor: Actor) -> PreviewResult:
    """Return which past acts would fail with these packs, and which rules would join."""
    today = timezone.localdate()
    now, then = rulebook.on_day(today), replays.with_packs(policy.active, on=today)
    before, after = replays.replay(now, actor=actor), replays.replay(then, actor=actor)
    held = {rule.pk for rule in now.rules}
    joining = [(rule, dict(_counts(after)).get(rule.code, 0)) for rule in then.rules if rule.pk not in held]
    return PreviewResult(
        finding=_("Of %(acts)s acts that were done, these packs would refuse %(after)s (those in force: %(before)s).")
        % {"acts": after.acts, "after": after.refused, "before": before.refused},
        figures=(
            (_("Rules in force"), len(now.rules), len(then.rules)),
            (_("Past acts refused"), before.refused, after.refused),
        ),
        table=Table(
            caption=_("Rules that join"),
            columns=[
                Column("rule", _("Rule")),
                Column("text", _("What it says")),
                Column("acts", _("Past acts"), "number"),
            ],
            rows=[Row(cells=(rule.code, rule.text, count)) for rule, count in joining],
        )
        if joining
        else None,
        url=f"{reverse('compliance:replay')}?{'&'.join(f'pack={pack}' for pack in sorted(policy.active - {'law'}))}",
    )


def _counts(replay: replays.Replay) -> list[tuple[str, int]]:
    return [(rule.code, count) for rule, count in replay.struck]
