"""Load the national list of departments."""

from importlib import resources
from typing import Any

import yaml
from django.db import migrations
from django.utils import timezone


def load(apps: Any, _schema_editor: Any) -> None:
    model = apps.get_model("catalog", "StandardDepartment")
    text = resources.files("yaomai.catalog").joinpath("data/departments.yaml").read_text(encoding="utf-8")
    now = timezone.now()
    made: dict[str, Any] = {}
    for group, departments in yaml.safe_load(text).items():
        for code, name in departments.items():
            parent = made.get(code[:2]) if len(code) > 2 else None
            made[code] = model.objects.create(
                code=code, name=name, group=group, parent=parent, created_at=now, updated_at=now
            )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
