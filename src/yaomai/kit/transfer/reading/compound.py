"""OLE compound files, the container of .xls and of encrypted .xlsx (source: [MS-CFB]), as far as refusing needs."""

import struct
from collections.abc import Iterator
from functools import cached_property

SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
_END_OF_CHAIN = 0xFFFFFFFA
"""Sector numbers from here on are marks, not sectors."""
_SHORT_STREAM = 4096


class Malformed(Exception):
    """The container's own tables point outside the file."""


class CompoundFile:
    """The named streams of a compound file held in memory."""

    def __init__(self, content: bytes) -> None:
        if not content.startswith(SIGNATURE) or len(content) < 512:
            raise Malformed
        self._content = content
        self._sector_bytes = 1 << min(struct.unpack_from("<H", content, 30)[0], 16)
        self._directory_start, self._short_table_start = (
            struct.unpack_from("<I", content, 48)[0],
            struct.unpack_from("<I", content, 60)[0],
        )

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._sector_bytes
        if start >= len(self._content):
            raise Malformed
        return self._content[start : start + self._sector_bytes]

    @cached_property
    def _table(self) -> list[int]:
        """Return the next sector of each sector."""
        listed = list(struct.unpack_from("<109I", self._content, 76))
        following, count = struct.unpack_from("<II", self._content, 68)
        for _round in range(count):
            if following >= _END_OF_CHAIN:
                break
            numbers = self._numbers(self._sector(following))
            listed += numbers[:-1]
            following = numbers[-1]
        table: list[int] = []
        for number in listed:
            if number < _END_OF_CHAIN:
                table += self._numbers(self._sector(number))
        return table

    @staticmethod
    def _numbers(sector: bytes) -> list[int]:
        whole = len(sector) // 4
        return list(struct.unpack_from(f"<{whole}I", sector))

    def _chain(self, number: int, table: list[int]) -> Iterator[int]:
        seen = 0
        while number < _END_OF_CHAIN:
            seen += 1
            if number >= len(table) or seen > len(table):
                raise Malformed
            yield number
            number = table[number]

    def _read(self, number: int) -> bytes:
        return b"".join(self._sector(each) for each in self._chain(number, self._table))

    @cached_property
    def entries(self) -> dict[str, tuple[int, int]]:
        """Return name -> (first sector, bytes) of every storage and stream."""
        directory = self._read(self._directory_start)
        found: dict[str, tuple[int, int]] = {}
        for offset in range(0, len(directory) - 127, 128):
            length = struct.unpack_from("<H", directory, offset + 64)[0]
            if 2 <= length <= 64:
                name = directory[offset : offset + length - 2].decode("utf-16-le", "replace")
                start, size = struct.unpack_from("<II", directory, offset + 116)
                found.setdefault(name, (start, size))
        return found

    def stream(self, name: str) -> bytes:
        """Return the bytes of a stream.

        Raises:
            KeyError: there is no such stream. Malformed: it lies outside the file.
        """
        start, size = self.entries[name]
        if size >= _SHORT_STREAM:
            return self._read(start)[:size]
        short_table = self._numbers(self._read(self._short_table_start))
        shorts = self._read(self.entries["Root Entry"][0])
        return b"".join(shorts[each * 64 : each * 64 + 64] for each in self._chain(start, short_table))[:size]
