"""`{% history_of row %}`: what happened to a row, as a panel."""

from typing import Any

from django import template
from django.db import models
from django.urls import reverse

from yaomai.kit.access import current_actor
from yaomai.kit.audit import selectors

register = template.Library()


@register.inclusion_tag("audit/parts/history.html")
def history_of(target: models.Model, limit: int = selectors.PANEL_SIZE) -> dict[str, Any]:
    """The row's entries, newest first, for whoever may view the row; a link to the trail for who may see that."""
    query = f"target_type={target._meta.label_lower}&target_id={target.pk}"
    return {
        "events": [
            {
                "at": line.at,
                "title": line.sentence,
                "who": line.position,
                "icon": "ban" if line.is_refused else "point",
                "tone": "bad" if line.is_refused else "",
                "text": "",
            }
            for line in selectors.history_of(target, limit=limit)
        ],
        "url": f"{reverse('audit:entry_list')}?{query}" if current_actor().may("audit.entry:view") else "",
    }
