"""Portraits of 20 people in one PDF against 20 plain pages of the same words, set by the same library without any layout.

python -m benchmarks portraits [--people 20] [--repeats 9]

Every repeat takes other people, whom neither has set before. What the page itself takes, `screens` says.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from company import fill
from figures import report
from ground import HEAD, Clock, conditions, installation

LIMIT = 3.0
CHOSEN = {"style": "evidence", "style_type": "academic", "academic_needs": ["literature", "cases"]}
KNOWN = {
    "clinical_questions": "老年高血压合并肾功能不全的用药选择",
    "prescribing_habits": "偏好长效制剂，关注安全性",
    "visit_points": "周二上午出门诊",
    "leisure": "阅读",
    **CHOSEN,
}
OURS, WHOLE, PLAIN = "portraits, one file", "… and reading what they say", "plain pages of the same words"
PAGES = """
#set page("a4")
#set text(font: sys.inputs.font, size: 9pt, lang: "zh")
#for (number, words) in json(bytes(sys.inputs.pages)).enumerate() { if number > 0 { pagebreak() }; words }
"""


def words_of(block: Any) -> Iterator[str]:
    """Yield every text that a portrait prints."""
    if isinstance(block, str):
        yield block
    elif isinstance(block, dict):
        for key, value in block.items():
            if key not in ("is", "look"):
                yield from words_of(value)
    elif isinstance(block, list):
        for value in block:
            yield from words_of(value)


def main() -> None:
    """Make both, print the table; the exit code says whether the limit is held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=9)
    asked = parser.parse_args()
    with installation() as folder:
        import typst
        from django.utils import timezone

        from yaomai.customers import portrait, services
        from yaomai.customers.models import Professional
        from yaomai.kit.access import acting, system_actor
        from yaomai.kit.documents import fonts, plain
        from yaomai.kit.documents.pdf import pdf
        from yaomai.kit.memo import one_page

        fill(folder, institution_count=2_000, professional_count=4_000)
        actor, now, clock = system_actor("benchmark", "portraits"), timezone.now(), Clock()
        sheet = folder / "plain.typ"
        sheet.write_text(PAGES, encoding="utf-8")
        compiler = typst.Compiler(sheet, root=folder, font_paths=fonts.faces().fonts, ignore_system_fonts=True)

        def documents(people: list[int]) -> list[Any]:
            rows = Professional.objects.select_related("institution", "department", "territory").filter(pk__in=people)
            with one_page():  # as the screen does it
                return portrait.portraits_of("professional", list(rows.order_by("name", "pk")), actor, now=now)

        def plainly(pages: list[str]) -> bytes:
            return bytes(
                compiler.compile(format="pdf", sys_inputs={"font": fonts.faces().sans, "pages": json.dumps(pages)})
            )

        with acting(actor):
            for number in range(asked.repeats + 1):
                people = list(range(number * asked.people + 1, (number + 1) * asked.people + 1))
                for pk in people:
                    for field, value in KNOWN.items():
                        value = f"{value}，{pk}" if isinstance(value, str) and field not in CHOSEN else value
                        services.professional_fact_record(
                            actor=actor, pk=pk, field=field, value=value, source="走访", now=now
                        )
                pages = [" ".join(words_of(plain.blocks(each.blocks))) for each in documents(people)]
                clock.run(PLAIN, lambda pages=pages: plainly(pages))
                made = clock.run(WHOLE, lambda people=people: documents(people))
                clock.run(OURS, lambda made=made: pdf(*made))
                if not number:
                    clock.runs.clear()
            # From the rows to the file: both parts of each repeat together.
            clock.runs[WHOLE] = [
                (wall + more, used + others)
                for (wall, used), (more, others) in zip(clock.runs[WHOLE], clock.runs[OURS], strict=True)
            ]
        lines = (clock.line(PLAIN, PLAIN), clock.line(OURS, PLAIN, LIMIT), clock.line(WHOLE, PLAIN))
        print("\n".join((conditions(), HEAD, *lines)))
        work = f"PDF of {len(pages)} portraits against as many plain pages"
        found = [clock.figure(work, OURS, PLAIN, LIMIT), clock.figure(f"{work}, with reading", WHOLE, PLAIN)]
        sys.exit(0 if report(found) else 1)


if __name__ == "__main__":
    main()
