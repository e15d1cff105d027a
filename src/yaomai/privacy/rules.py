"""Pure rules of this room."""

from typing import Final

PERSONS_ASSESSED: Final = 1_000_000
PERSONS_CONTRACT: Final = 100_000
SENSITIVE_ASSESSED: Final = 10_000


def routes(persons: int, sensitive: int) -> tuple[str, ...]:
    """Return the routes by which data of so many persons in a year may leave the country; "exempt" where none is needed.

    Source: 《促进和规范数据跨境流动规定》 (2024) 7, 8; 个人信息保护法 38, 40 (PI8).

    >>> routes(2_000_000, 0), routes(50_000, 0), routes(50_000, 1)
    (('assessment',), ('exempt',), ('contract', 'certificate'))
    """
    if persons > PERSONS_ASSESSED or sensitive > SENSITIVE_ASSESSED:
        return ("assessment",)
    if persons >= PERSONS_CONTRACT or sensitive:
        return ("contract", "certificate")
    return ("exempt",)
