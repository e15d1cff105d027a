from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "yaomai.kit.warehouse"
    label = "warehouse"
