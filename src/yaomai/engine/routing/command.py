"""`yaomai engine route`: a published instance in, routes out."""

import json
from pathlib import Path

from yaomai.engine.console import Format, Language, say
from yaomai.engine.files import FileProblem, require_place, write_document

from .problem import read_periodic, read_windows
from .solving import solve_routing


def route_file(
    *, file: Path, form: Format, output: Path, seconds: float, seed: int, workers: int, language: Language
) -> None:
    """Route the instance of a file and write the routes as JSON."""
    require_place(output, inputs=(file,))
    if not file.is_file():
        raise FileProblem("missing", file=file)
    instance = read_periodic(file) if form is Format.pvrp else read_windows(file)
    found = solve_routing(instance, seconds=seconds, seed=seed, workers=workers or None)
    text = json.dumps({**found.as_dict(), "seed": seed}, ensure_ascii=False, indent=1)
    write_document(text + "\n", output)
    say(
        language,
        f"{instance.name}：总距离 {found.cost:,.2f}，{found.vehicles} 辆车，{instance.days} 天，{found.seconds:.1f} 秒 → {output}",
        f"{instance.name}: distance {found.cost:,.2f}, {found.vehicles} vehicles, {instance.days} days, {found.seconds:.1f} s"
        f" → {output}",
    )
