"""The product's settings with one more address."""

from pathlib import Path

from yaomai.server.settings import *  # noqa: F403
from yaomai.server.settings import STORAGES as STORED
from yaomai.server.settings import TEMPLATES as OURS

ROOT_URLCONF = "bare.urls"
TEMPLATES = [{**OURS[0], "DIRS": [Path(__file__).parent]}]
# Nothing was gathered into this folder: a page that says why it was not served finds its styles without a list of them.
STORAGES = STORED | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
