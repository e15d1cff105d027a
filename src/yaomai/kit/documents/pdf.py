"""Documents as PDF, set by Typst: tagged, with the same bytes for the same document.

The layout is `document.typ`; a document reaches it as JSON, so that no text is ever read as markup.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from django.utils.translation import gettext as _

from yaomai.kit.documents import fonts, plain, wording
from yaomai.kit.documents.parts import Document
from yaomai.kit.ui import formats

_one_at_a_time = Lock()
"""The compiler keeps what it was given last."""
_COUNT = re.compile(rb"/Type\s*/Pages\s*/Count (\d+)")
"""How many pages a file of Typst has; where it is not found, documents are measured."""
_LAYOUT = Path(__file__).with_name("document.typ")


@lru_cache(maxsize=1)
def _compiler() -> Any:
    import typst  # only a process that is asked for a document loads it

    return typst.Compiler(_LAYOUT, root=_LAYOUT.parent, font_paths=fonts.faces().fonts, ignore_system_fonts=True)


def pdf(document: Document, *others: Document) -> bytes:
    """Return documents as one file; header, foot and properties are those of the first.

    Compact documents are first set as if each fitted its page, which is most often so; only if one did not, all are measured.

    Raises:
        NoChineseFont: the server has no font with Chinese characters.
    """
    data = _data([document, *others])
    moment = int(document.made_at.timestamp())
    if document.is_compact:
        made = _made({**data, "fits": True}, moment)
        if (found := _COUNT.search(made)) and int(found[1]) == 1 + len(others):
            return made
    return _made(data, moment)


def _made(data: plain.Plain, moment: int) -> bytes:
    with _one_at_a_time:
        made = _compiler().compile(
            format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, timestamp=moment
        )
    assert isinstance(made, bytes)
    return made


def _data(documents: Sequence[Document]) -> plain.Plain:
    first, language = documents[0], formats.language()
    return {
        "title": wording.clean(first.title),
        "author": wording.clean(first.made_by),
        "company": wording.clean(first.company),
        "confidentiality": wording.clean(first.confidentiality),
        "watermark": wording.clean(first.watermark),
        "landscape": first.is_landscape,
        "compact": first.is_compact,
        "fits": False,
        "foot": wording.foot(first),
        "page": _("Page {page} of {total}"),
        "lang": language,
        "region": "cn" if language == "zh" else "gb",
        "fonts": [fonts.faces().sans],
        "documents": [
            {
                "title": wording.clean(each.title),
                "subtitle": wording.clean(each.subtitle),
                "byline": wording.byline(each),
                "blocks": plain.blocks(each.blocks),
            }
            for each in documents
        ],
    }
