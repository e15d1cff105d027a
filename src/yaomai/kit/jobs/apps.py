from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "yaomai.kit.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        from yaomai.kit.access import register_rights
        from yaomai.kit.jobs import cards
        from yaomai.kit.ui import navigation

        register_rights("jobs.job", label=_("Jobs"), verbs=("view", "manage"))
        navigation.register(
            section="settings", tab=_("Imports and jobs"), label=_("Jobs"), url_name="jobs:job_list", order=71
        )
        cards.register()
        autodiscover_modules("jobs")
