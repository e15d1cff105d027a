"""The trigger that keeps history as it was."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "frozen.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_initial")]

    operations = [migrations.RunSQL(SQL, elidable=False)]
