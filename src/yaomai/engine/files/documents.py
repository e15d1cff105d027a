"""Reading of YAML that people write: whatever is wrong with it is a `yaml.YAMLError` that knows its place."""

from typing import Any, Final

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

_DEEPEST: Final = 100
"""Far more levels than any document of ours has, and far fewer than the stack holds."""


class _Loader(yaml.SafeLoader):
    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ComposerError(None, None, "nested too deeply", self.peek_event().start_mark)
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:  # 2026-99-99; a number of more digits than Python reads
            raise ConstructorError(None, None, str(error), node.start_mark) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        # Of two figures under one name the first would be dropped without a word.
        seen: set[str] = set()
        for key, _value in node.value if node.id == "mapping" else ():  # a tag may call anything a mapping
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise ConstructorError(None, None, f"“{key.value}” is there twice", key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def parse_yaml(text: str) -> Any:
    """Return what a text of YAML says.

    Raises:
        yaml.YAMLError: it is none, says a name twice, or holds a value that cannot be; `problem_mark` says where.
    """
    return yaml.load(text, _Loader)  # noqa: S506 — a safe loader, stricter than the usual one
