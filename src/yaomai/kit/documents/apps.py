from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "yaomai.kit.documents"
    label = "documents"
