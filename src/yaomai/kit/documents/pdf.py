"""Documents as PDF, set by Typst: tagged, with the same bytes for the same document.

The layout is `document.typ`; a document reaches it as JSON, so that no text is ever read as markup.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import typst
from django.utils.translation import gettext as _

from yaomai.kit.documents import fonts, plain, wording
from yaomai.kit.documents.parts import Document
from yaomai.kit.ui import formats

_one_at_a_time = Lock()
"""The compiler keeps what it was given last."""
_LAYOUT = Path(__file__).with_name("document.typ")


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(_LAYOUT, root=_LAYOUT.parent, font_paths=fonts.faces().fonts, ignore_system_fonts=True)


def pdf(document: Document, *others: Document) -> bytes:
    """Return documents as one file; header, foot and properties are those of the first.

    Raises:
        NoChineseFont: the server has no font with Chinese characters.
    """
    data = json.dumps(_data([document, *others]), ensure_ascii=False)
    with _one_at_a_time:
        made = _compiler().compile(format="pdf", sys_inputs={"data": data}, timestamp=int(document.made_at.timestamp()))
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
