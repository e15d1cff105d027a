"""An inverted index over the pieces of master names, read in blocks with numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_SKIP: Final = np.int64(1) << 60
_SINGLE: Final = np.int64(1) << 61
_WORD: Final = np.int64(1) << 62
_BLOCK: Final = 4_000
"""Names looked up together: bounds memory at about 100 MB."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of many texts: `document[i]` holds `piece[i]`; each pair once."""

    document: Ints
    piece: Ints


def pieces(texts: Sequence[str], words: Sequence[Sequence[str]], vocabulary: dict[str, int]) -> Pieces:
    """Cut texts into single characters, neighbours and next-but-one pairs, and add whole `words` of each text.

    Pairs over a gap survive one wrong character. `vocabulary` numbers the words and grows.
    """
    codes = np.frombuffer("\n".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    line_break = codes == 10
    line = np.cumsum(line_break)
    inside = ~line_break
    pairs = inside[:-1] & inside[1:]
    skips = inside[:-2] & inside[1:-1] & inside[2:] if len(codes) > 2 else np.zeros(0, dtype=bool)
    word_document = np.repeat(np.arange(len(words)), [len(some) for some in words])
    word_piece = np.fromiter(
        (vocabulary.setdefault(word, len(vocabulary)) for some in words for word in some),
        dtype=np.int64,
        count=len(word_document),
    )
    document = np.concatenate([line[inside], line[:-1][pairs], line[: len(skips)][skips], word_document])
    piece = np.concatenate(
        [
            codes[inside] | _SINGLE,
            (codes[:-1][pairs] << 21) | codes[1:][pairs],
            (codes[: len(skips)][skips] << 21) | codes[2:][skips] | _SKIP,
            word_piece | _WORD,
        ]
    )
    order = np.lexsort((piece, document))
    document, piece = document[order], piece[order]
    first = np.ones(len(document), dtype=bool)
    first[1:] = (document[1:] != document[:-1]) | (piece[1:] != piece[:-1])
    return Pieces(document[first], piece[first])


class InvertedIndex:
    """Which texts hold a piece, and how telling it is."""

    def __init__(self, contents: Pieces, count: int) -> None:
        """Index `count` texts by their pieces."""
        order = np.argsort(contents.piece, kind="stable")
        self._piece, self._start = np.unique(contents.piece[order], return_index=True)
        self._postings = contents.document[order].astype(np.int64)
        self._length = np.diff(np.append(self._start, len(self._postings)))
        self._weight = np.log1p(count / self._length)
        where = np.searchsorted(self._piece, contents.piece)
        self._total = np.bincount(contents.document, weights=self._weight[where], minlength=count)

    def nearest(self, queries: Pieces, count: int, *, limit: int, postings: int) -> tuple[Ints, Ints]:
        """Give up to `limit` texts for each of `count` queries as (query, text) pairs, best first in each query."""
        found_query: list[Ints] = []
        found_text: list[Ints] = []
        for low in range(0, count, _BLOCK):
            first, last = np.searchsorted(queries.document, [low, low + _BLOCK])
            query, text = self._nearest_in_block(
                queries.document[first:last] - low,
                queries.piece[first:last],
                min(_BLOCK, count - low),
                limit,
                postings,
            )
            found_query.append(query + low)
            found_text.append(text)
        if not found_query:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        return np.concatenate(found_query), np.concatenate(found_text)

    def _nearest_in_block(
        self, document: Ints, piece: Ints, count: int, limit: int, postings: int
    ) -> tuple[Ints, Ints]:
        where = np.minimum(np.searchsorted(self._piece, piece), len(self._piece) - 1)
        known = self._piece[where] == piece
        document, where = document[known], where[known]
        length = self._length[where]
        order = np.lexsort((length, document))
        document, where, length = document[order], where[order], length[order]
        read = np.cumsum(length)
        before = read - length
        begins = np.searchsorted(document, np.arange(count))
        rank = np.arange(len(document)) - begins[document]
        base = before[begins[document]] if len(document) else before
        kept = (read - base <= postings) | ((rank < 2) & (length <= postings * 8))
        document, where, length = document[kept], where[kept], length[kept]
        if not len(document):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        offset = np.repeat(self._start[where] - (np.cumsum(length) - length), length) + np.arange(length.sum())
        text = self._postings[offset]
        key = np.repeat(document, length) * len(self._total) + text
        weight = np.repeat(self._weight[where], length)
        order = np.argsort(key, kind="stable")
        key, weight = key[order], weight[order]
        start = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
        shared = np.add.reduceat(weight, start)
        query, text = np.divmod(key[start], len(self._total))
        score = shared / np.sqrt(self._total[text])
        order = np.lexsort((text, -score, query))
        query, text = query[order], text[order]
        rank = np.arange(len(query)) - np.searchsorted(query, query)
        best = rank < limit
        return query[best], text[best]
