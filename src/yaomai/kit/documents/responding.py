"""Answer a request with a document as a file."""

from importlib import import_module

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from yaomai.kit.documents.parts import Document
from yaomai.kit.errors import Missing
from yaomai.kit.transfer.writing import EXCEL_TYPE

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS = {
    "pdf": ("application/pdf", "pdf", "pdf"),
    "docx": (WORD_TYPE, "word", "word"),
    "xlsx": (EXCEL_TYPE, "excel", "workbook"),
}
"""By suffix: the media type, and the module and function that render, loaded when the first document is asked for."""


def respond(document: Document, suffix: str, *, file_name: str) -> HttpResponse:
    """Return the file of a document: "pdf", "docx" or "xlsx".

    Raises:
        Missing: there is no such format.
        NoChineseFont: a PDF cannot be set on this server.
    """
    if suffix not in FORMATS:
        raise Missing
    content_type, module, name = FORMATS[suffix]
    render = getattr(import_module(f"yaomai.kit.documents.{module}"), name)
    response = HttpResponse(render(document), content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, f"{file_name}.{suffix}") or ""
    response["Cache-Control"] = "no-store"
    return response
