"""The product's settings with one more address."""

from pathlib import Path

from yaomai.server.settings import *  # noqa: F403
from yaomai.server.settings import TEMPLATES as OURS

ROOT_URLCONF = "bare.urls"
TEMPLATES = [{**OURS[0], "DIRS": [Path(__file__).parent]}]
