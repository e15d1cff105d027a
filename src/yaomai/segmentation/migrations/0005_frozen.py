"""The triggers that keep decided tiers, changes and meetings as they were."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "frozen.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0004_review")]

    operations = [migrations.RunSQL(SQL, elidable=False)]
