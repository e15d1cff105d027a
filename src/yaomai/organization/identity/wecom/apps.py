from django.apps import AppConfig


class WeComConfig(AppConfig):
    name = "yaomai.organization.identity.wecom"
    label = "wecom"
