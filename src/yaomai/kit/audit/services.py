"""Acts on the trail itself: it is verified and exported, never changed."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.audit import exports
from yaomai.kit.audit.checkpoints import checkpoint
from yaomai.kit.audit.models import Head
from yaomai.kit.audit.verify import Verification, verify


@act("audit.entry:verify", sentence=_("%(actor)s verified the trail: %(entries)s entries, %(findings)s findings"))
def trail_verify(*, actor: Actor, trail: Trail) -> Verification:
    """Verify the whole trail; when it is whole, write a checkpoint."""
    result = verify()
    if result.intact:
        checkpoint()
    trail.note(
        entries=result.entries,
        findings=len(result.findings),
        head=result.head.hex(),
        found=[[one.sequence, one.entry_id, one.kind, one.detail] for one in result.findings],
    )
    return result


@act("audit.entry:export", sentence=_("%(actor)s exported the trail up to entry %(sequence)s"))
def trail_export(*, actor: Actor, trail: Trail) -> Iterator[bytes]:
    """Record the export before a byte of it leaves, and return its lines."""
    trail.note(sequence=Head.objects.get().sequence)
    return exports.lines()
