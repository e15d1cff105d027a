"""Run one benchmark: `python -m benchmarks NAME [its options]`; without a name, list them."""

import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
NOT_RUN = {
    "__init__",
    "__main__",
    "company",
    "engine_data",
    "engine_schemes_by_hand",
    "ground",
    "market",
    "screens_asked",
}


def main() -> None:
    """Run the module that the first word names."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in NOT_RUN)
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        sys.exit("python -m benchmarks NAME [--help]\n\n" + "\n".join(names))
    sys.argv = [f"benchmarks {sys.argv[1]}", *sys.argv[2:]]
    sys.path.insert(0, str(FOLDER))
    runpy.run_path(str(FOLDER / f"{sys.argv[0].split()[1]}.py"), run_name="__main__")


main()
