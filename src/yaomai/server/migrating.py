"""Migrations in seconds: a table that is added builds its own class, not those of all its neighbours again.

Django builds every model that is related to a new one anew, and the ones related to those; here nearly everything is, so
that a hundred and sixty new tables meant thirteen thousand classes. Nothing can refer to a model before it is there:
building it alone is what happens when a module with a model is imported.
"""

from typing import Any

from django.core.management import call_command
from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState


class _GrowingState(ProjectState):
    _relations: Any

    def add_model(self, model_state: Any) -> None:
        """Add a model; `ProjectState.add_model`, but for what is built."""
        key = model_state.app_label, model_state.name_lower
        self.models[key] = model_state
        if self._relations is not None:
            self.resolve_model_relations(key)
        if "apps" in self.__dict__:
            self.apps.render_multiple([model_state])

    def clone(self) -> "_GrowingState":
        copy: Any = super().clone()
        copy.__class__ = _GrowingState  # the class that is copied is named in the copying
        return copy  # type: ignore[no-any-return]


class Executor(MigrationExecutor):
    """Django's, with a state that grows model by model."""

    def _create_project_state(self, with_applied_migrations: bool = False) -> ProjectState:
        state: Any = super()._create_project_state(with_applied_migrations)  # type: ignore[misc]
        state.__class__ = _GrowingState
        return state  # type: ignore[no-any-return]


def apply_migrations() -> None:
    """Apply what is missing in the database."""
    migrate.MigrationExecutor = Executor  # type: ignore[attr-defined]  # the command can be given one in no other way
    call_command("migrate", verbosity=0, interactive=False)
