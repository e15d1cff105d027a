"""Command groups whose commands are imported when they are used."""

import importlib
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup


class LazyGroup(TyperGroup):
    """A group that knows the names of its commands and imports the module of each on first use."""

    sources: ClassVar[dict[str, str]] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.sources)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.sources:
            return None
        module, _, attribute = self.sources[cmd_name].partition(":")
        application: typer.Typer = getattr(importlib.import_module(module), attribute)
        command = typer.main.get_command(application)
        command.name = cmd_name
        return command
