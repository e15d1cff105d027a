"""What to expect of the demo company's customers, and what was made of the first alerts."""

from datetime import datetime

from yaomai.insights import services
from yaomai.insights.models import ChurnAlert
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day

DONE = (
    ("contacted", "", "已联系采购，对方说月底集中下单"),
    ("false_alarm", "data", "经销商漏报八月流向，已补报"),
    ("won_back", "supply", "上月断货，已优先发货，客户恢复下单"),
    ("lost", "competitor", "已换用同类集采品种，明年再议"),
)


def outlook_record(*, actor: Actor, now: datetime) -> None:
    """Compute as of today, and record of some alerts what was done."""
    services.forecast_compute(actor=actor, as_of=local_day(now))
    services.outlook_compute(actor=actor, as_of=local_day(now))
    rows = ChurnAlert.unscoped.filter(state=ChurnAlert.State.OPEN).order_by("-money", "pk")[3:11:2]
    for row, (state, cause, note) in zip(rows, DONE, strict=False):
        services.alert_record(actor=actor, now=now, pk=row.pk, state=state, cause=cause, note=note)
