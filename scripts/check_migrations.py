"""Check that the migrations describe the models; needs no database.

With one configured, Django first asks it which migrations it has applied, and waits for it when it is away.
"""

import os
import sys

import django
from django.conf import settings
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaomai.server.settings")
settings.DATABASES["default"] = {"ENGINE": "django.db.backends.dummy"}
django.setup()
try:
    call_command("makemigrations", check=True, dry_run=True)
except SystemExit as ended:
    sys.exit(ended.code)
