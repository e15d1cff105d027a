"""Bring in the rules that Yaomai ships: without them nothing may pass the gate."""

from django.db import migrations

from yaomai.compliance import shipped


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial")]
    operations = [migrations.RunPython(shipped.load, migrations.RunPython.noop)]
