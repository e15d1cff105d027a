from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    name = "yaomai.compliance"
    label = "compliance"
    verbose_name = _("Compliance")

    def ready(self) -> None:
        from yaomai.compliance.gates import prescription_count_guard, prescription_text_gate
        from yaomai.kit.acts import register_gate
        from yaomai.kit.transfer.registry import register_guard

        register_guard(prescription_count_guard)
        register_gate(prescription_text_gate)
