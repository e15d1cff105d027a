"""Evidence without its history: pictures are drawn anew, plain text stays text, everything else is refused with advice."""

import logging
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Invalid

# Below this level the library writes the tags of every picture into the log: camera, place and time.
logging.getLogger("PIL").setLevel(logging.INFO)

MOST_PIXELS = 50_000_000
SIDE = 2400
"""Longest side of a kept picture: what a camera's sensor leaves in single pixels does not survive."""
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
PDF, ZIP, OLE = b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

AS_PICTURE = _(
    "PDF and Office files carry names, machines and earlier versions that cannot be taken out for certain. Photograph the"
    " page or take a screenshot and attach the picture, or copy the words into the text."
)
UNKNOWN = _("Attach pictures (JPEG, PNG, WebP) or plain text. Copy what matters from other files into the text.")
TOO_LARGE = _("The picture is too large. Take a screenshot of the part that matters.")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept of a file."""

    kind: str
    content: bytes


def cleaned(data: bytes) -> Evidence:
    """Return the evidence in a file with nothing that tells whose it is; its name is not even looked at.

    Raises:
        Invalid: PDF, Office and unknown kinds, pictures of more than fifty million pixels.
    """
    if data.startswith((PDF, ZIP, OLE)):
        raise Invalid(fields={"files": [AS_PICTURE]})
    picture = _picture(data)
    if picture is not None:
        return Evidence("image/jpeg", picture)
    text = _text(data)
    if text is None:
        raise Invalid(fields={"files": [UNKNOWN]})
    return Evidence("text/plain", text.encode())


def _picture(data: bytes) -> bytes | None:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid(fields={"files": [TOO_LARGE]})
            turned = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError):
        return None
    except (OSError, SyntaxError, ValueError) as error:
        raise Invalid(fields={"files": [UNKNOWN]}) from error
    turned.thumbnail((SIDE, SIDE))
    # A new picture of the same dots: profiles, comments, thumbnails and positions stay behind with the old one.
    fresh = Image.new("RGB", turned.size)
    fresh.paste(turned)
    output = BytesIO()
    fresh.save(output, "JPEG", quality=QUALITY)
    return output.getvalue()


def _text(data: bytes) -> str | None:
    if b"\x00" in data:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
