"""Triggers that link entries into the chain and refuse to change them."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "chain.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(SQL, elidable=False)]
