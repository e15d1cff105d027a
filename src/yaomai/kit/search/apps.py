from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "yaomai.kit.search"
    label = "search"
