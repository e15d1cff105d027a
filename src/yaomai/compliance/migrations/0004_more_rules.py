"""Bring in the shipped rules that came with the ledger."""

from django.db import migrations

from yaomai.compliance import shipped


class Migration(migrations.Migration):
    dependencies = [("compliance", "0003_ledger")]
    operations = [migrations.RunPython(shipped.load, migrations.RunPython.noop)]
