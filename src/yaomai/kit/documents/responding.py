"""Answer a request with a document as a file."""

from collections.abc import Callable

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from yaomai.kit.documents.excel import workbook
from yaomai.kit.documents.parts import Document
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.documents.word import word
from yaomai.kit.errors import Missing
from yaomai.kit.transfer.writing import EXCEL_TYPE

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS: dict[str, tuple[str, Callable[[Document], bytes]]] = {
    "pdf": ("application/pdf", pdf),
    "docx": (WORD_TYPE, word),
    "xlsx": (EXCEL_TYPE, workbook),
}


def respond(document: Document, suffix: str, *, file_name: str) -> HttpResponse:
    """Return the file of a document: "pdf", "docx" or "xlsx".

    Raises:
        Missing: there is no such format.
        NoChineseFont: a PDF cannot be set on this server.
    """
    if suffix not in FORMATS:
        raise Missing
    content_type, render = FORMATS[suffix]
    response = HttpResponse(render(document), content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, f"{file_name}.{suffix}") or ""
    response["Cache-Control"] = "no-store"
    return response
