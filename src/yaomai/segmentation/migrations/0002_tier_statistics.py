from django.db import migrations


class Migration(migrations.Migration):
    """Each scheme has tiers of its own: a planner that multiplies the shares of both expects far too few customers."""

    dependencies = [("segmentation", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE STATISTICS segmentation_tier_together (mcv) ON scheme, tier FROM segmentation_tierassignment",
            "DROP STATISTICS segmentation_tier_together",
        )
    ]
