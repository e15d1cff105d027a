"""The web application, as granian serves it."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaomai.server.settings")
application = get_wsgi_application()
# Django loads views with the first request; the processes that are forked from this one should find them loaded.
import_module("yaomai.server.urls")
