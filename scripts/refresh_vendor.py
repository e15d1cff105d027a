#!/usr/bin/env python3
"""Refresh the front-end files that Yaomai ships, from npm.

    python scripts/refresh_vendor.py            fetch the pinned versions and rewrite static/vendor/
    python scripts/refresh_vendor.py --check    compare the shipped files with vendor.json; no network

Needs `npm` for fetching. Each package is downloaded with `npm pack`, the named files and the licence are
copied, source-map comments are cut (the maps are not shipped, and a hashed static storage refuses a
reference to a file that is not there), and `vendor.json` records what was taken.
"""

import argparse
import hashlib
import json
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

UI = Path(__file__).resolve().parent.parent / "src" / "yaomai" / "kit" / "ui"
VENDOR = UI / "static" / "vendor"
MANIFEST = VENDOR / "vendor.json"
SOURCE_MAP = re.compile(rb"\s*(/\*|//)[#@] sourceMappingURL=[^\n*]*(\*/)?\s*$")


@dataclass(frozen=True)
class Package:
    """One npm package: the folder it gets, and which of its files are shipped under which name."""

    folder: str
    name: str
    version: str
    licence: str
    files: dict[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ("LICENSE",)


PACKAGES = (
    # 1.4 is the last Tabler whose colours do without light-dark() and relative oklch(), which the browser
    # cores inside WeCom and of older desktop browsers do not know.
    # Its package has no licence file; the notice is at the head of the stylesheet.
    Package("tabler", "@tabler/core", "1.4.0", "MIT", {"dist/css/tabler.min.css": "tabler.min.css"}, ()),
    Package("htmx", "htmx.org", "2.0.11", "0BSD", {"dist/htmx.min.js": "htmx.min.js"}),
    # The full build, because the smaller ones have no Sankey diagram; pages load it only when a chart shows.
    Package(
        "echarts",
        "echarts",
        "6.1.0",
        "Apache-2.0",
        {"dist/echarts.esm.min.js": "echarts.esm.min.js"},
        ("LICENSE", "NOTICE"),
    ),
    Package(
        "tom-select",
        "tom-select",
        "2.6.2",
        "Apache-2.0",
        {
            "dist/js/tom-select.popular.min.js": "tom-select.popular.min.js",
            "dist/css/tom-select.bootstrap5.min.css": "tom-select.bootstrap5.min.css",
        },
    ),
    Package("tabler-icons", "@tabler/icons", "3.51.0", "MIT"),
)


def download(package: Package, into: Path) -> Path:
    """Fetch and unpack the package; return its root folder."""
    into.mkdir(parents=True)
    subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=into,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (archive,) = into.glob("*.tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(into, filter="data")
    return into / "package"


def sprite(root: Path) -> bytes:
    """Return one SVG with a symbol per icon; `<use href="icons.svg#name">` shows it.

    Raises:
        SystemExit: an icon name that the package does not have.
    """
    names: tuple[str, ...] = runpy.run_path(str(UI / "icons.py"))["NAMES"]
    symbols = []
    for name in names:
        source = root / "icons" / "outline" / f"{name}.svg"
        if not source.exists():
            raise SystemExit(f"Tabler Icons has no outline icon named {name!r}")
        drawing = re.search(r"<svg[^>]*>(.*)</svg>", source.read_text(), re.DOTALL)
        assert drawing is not None
        body = re.sub(r"\s*\n\s*", "", drawing.group(1))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def install(package: Package, root: Path) -> dict[str, object]:
    """Copy the package's files into the vendor folder; return its manifest entry."""
    folder = VENDOR / package.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    contents = {target: SOURCE_MAP.sub(b"\n", (root / source).read_bytes()) for source, target in package.files.items()}
    if package.folder == "tabler-icons":
        contents["icons.svg"] = sprite(root)
    contents |= {notice: (root / notice).read_bytes() for notice in package.notices}
    for target, content in contents.items():
        (folder / target).write_bytes(content)
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "files": {
            f"{package.folder}/{target}": hashlib.sha256(content).hexdigest()
            for target, content in sorted(contents.items())
        },
    }


def refresh() -> None:
    """Fetch every package and write the manifest."""
    with tempfile.TemporaryDirectory() as scratch:
        entries = []
        for package in PACKAGES:
            print(f"{package.name} {package.version}", flush=True)
            entries.append(install(package, download(package, Path(scratch) / package.folder)))
    MANIFEST.write_text(json.dumps(entries, indent=2) + "\n")


def differences() -> list[str]:
    """Return what does not agree with the manifest, one line each."""
    recorded: dict[str, str] = {}
    for entry in json.loads(MANIFEST.read_text()):
        recorded |= entry["files"]
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path != MANIFEST
    }
    lines = [f"missing: {name}" for name in sorted(recorded.keys() - found.keys())]
    lines += [f"not in the manifest: {name}" for name in sorted(found.keys() - recorded.keys())]
    lines += [f"changed: {name}" for name in sorted(recorded.keys() & found.keys()) if recorded[name] != found[name]]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    if parser.parse_args().check:
        lines = differences()
        print("\n".join(lines) or "static/vendor agrees with vendor.json")
        sys.exit(1 if lines else 0)
    refresh()


if __name__ == "__main__":
    main()
