"""Print the lines of a PDF, page by page, as JSON; blanks within a line are as wide as they are printed.

A program of its own, started with the file as its input: a file that was made to take all memory, or to be read for
ever, takes this process with it and nothing else. Ends with `TOO_MUCH` when there is more than it may read.
"""

import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader

MOST_PAGES = 300
TOO_MUCH = 3
SECONDS = 20
MEMORY = 1024 * 1024 * 1024


def lines_of(page: Any) -> Iterator[str]:
    """Yield what is printed on a page, then its notes and the values of its form fields."""
    if "/Contents" in page and "/Resources" in page:  # else nothing is printed on it, and pypdf fails
        yield from page.extract_text(extraction_mode="layout").splitlines()
    for each in page.get("/Annots") or ():
        note = each.get_object()
        for name in ("/Contents", "/V"):
            if isinstance(note.get(name), str):
                yield from str(note[name]).splitlines()


def main() -> int:
    """Read the file from the input and print its lines; return how it ended."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
    if len(reader.pages) > MOST_PAGES:
        return TOO_MUCH
    # Half a pair of surrogates, which a broken font gives, is no text.
    pages = [[line.encode(errors="replace").decode() for line in lines_of(page)] for page in reader.pages]
    json.dump(pages, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
