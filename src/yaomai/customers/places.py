"""Which administrative division a text means."""

from collections.abc import Iterable, Sequence

from yaomai.catalog.models import Division
from yaomai.engine.matching import Gazetteer
from yaomai.engine.matching.places import Division as Place

FINEST = (Division.Level.PROVINCE, Division.Level.CITY, Division.Level.DISTRICT)
FINEST_CODE = 6
"""Digits of a district's code: inside it no finer division is known."""


class Places:
    """Provinces, cities and districts, loaded once per import; every distinct text is read once."""

    def __init__(self) -> None:
        rows = list(
            Division.unscoped.filter(level__in=FINEST, archived_at__isnull=True)
            .order_by("path")
            .values_list("pk", "code", "name", "parent__code")
        )
        self._ids = {code: pk for pk, code, _name, _parent in rows}
        self.codes: dict[int | None, str] = {pk: code for pk, code, _name, _parent in rows}
        """Official code by id."""
        self._gazetteer = Gazetteer([(code, name, parent or "") for _pk, code, name, parent in rows])
        self._known: dict[str, int | None] = {}

    def code(self, pk: int | None) -> str:
        """Return the official code of a division, "" for none."""
        return self.codes.get(pk, "")

    def by_code(self, text: str) -> int | None:
        """Return the division of an official code, also one padded with zeros or of a street below it."""
        digits = text.strip().split(".")[0]
        padded = digits.removesuffix("00").removesuffix("00") if len(digits) == 6 else digits
        for code in (digits[:6], padded, padded[:4], padded[:2]):
            if code in self._ids:
                return self._ids[code]
        return None

    def find(self, *texts: str) -> int | None:
        """Return the smallest division that the texts, from large to small, name for certain."""
        text = " ".join(part for part in texts if part)
        if text not in self._known:
            self._known[text] = self._smallest(text, anywhere=True)
        return self._known[text]

    def finer(self, pk: int | None, *texts: str) -> int | None:
        """Return the division with which one of the texts begins, when it lies in the given one; else that one."""
        within = self.code(pk)
        for text in texts:
            if len(within) >= FINEST_CODE:
                break
            found = self.at_start(text) if text else None
            if found is not None and self.code(found).startswith(within):
                pk, within = found, self.code(found)
        return pk

    def at_start(self, text: str) -> int | None:
        """Return the division with which a name or address begins."""
        key = f"^{text[:12]}"
        if key not in self._known:
            self._known[key] = self._smallest(text, anywhere=False)
        return self._known[key]

    def _smallest(self, text: str, *, anywhere: bool) -> int | None:
        found: tuple[Place, ...] = ()
        position = 0
        while position < len(text):
            name, here = self._gazetteer.prefix(text[position:], found)
            if name:
                finer = tuple(one for one in here if not found or one.level >= found[0].level)
                found = finer or found
                position += len(name)
            elif anywhere:
                position += 1
            else:
                break
        return self._certain(found)

    def _certain(self, found: Sequence[Place]) -> int | None:
        """Return the one division, or what several of one name have in common."""
        if not found:
            return None
        for depth in (3, 2, 1):
            codes = _only({one.path[depth - 1] for one in found})
            if codes:
                return self._ids.get(codes)
        return None


def _only(codes: Iterable[str]) -> str:
    distinct = list(codes)
    return distinct[0] if len(distinct) == 1 else ""
