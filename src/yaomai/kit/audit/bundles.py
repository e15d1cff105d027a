"""Signed bundles: files in one zip that anybody can check anywhere, without a database, a key or this product's data.

    yaomai audit verify BUNDLE.zip        or        python bundles.py BUNDLE.zip [--fingerprint AB12…]

A bundle is an ordinary zip. `manifest.json` names every file with its size and SHA-256, so that a changed one is named;
the comment at the end of the zip holds the public key and an Ed25519 signature over every byte before it, so that no
byte can change unnoticed, neither of the files nor of the zip itself. Whoever makes a bundle of their own signs with a
key of their own: compare the fingerprint with the one that the company published. Files named trail-….jsonl hold links of
an audit trail; each is checked against its hash.
"""

import argparse
import hashlib
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MARK = b"yaomai-bundle-1:"
PUBLIC, SIGNATURE = 32, 64
COMMENT = len(MARK) + 2 * (PUBLIC + SIGNATURE)
MANIFEST = "manifest.json"
TRAIL = re.compile(r"trail-\d+\.jsonl")
THEN = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1 << 20


def signing_key(secret: str) -> Ed25519PrivateKey:
    """Return the key that an installation signs its bundles with; it follows from the secret, and no file holds it."""
    seed = hashlib.sha256(b"yaomai bundle signature\0" + secret.encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def fingerprint(public: bytes) -> str:
    """Return what people compare of a public key: eight groups of four hexadecimal digits."""
    digits = hashlib.sha256(public).hexdigest()[:32].upper()
    return " ".join(digits[place : place + 4] for place in range(0, 32, 4))


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Return the public half of a key."""
    return key.public_key().public_bytes_raw()


def write(
    path: Path, parts: Iterable[tuple[str, bytes]], *, about: Mapping[str, Any], key: Ed25519PrivateKey
) -> dict[str, Any]:
    """Write a bundle of named contents, in their order, and return its manifest. Memory holds one part at a time."""
    public = public_bytes(key)
    files: list[dict[str, Any]] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts:
            target.writestr(zipfile.ZipInfo(name, THEN), content, zipfile.ZIP_DEFLATED)
            files.append({"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
        manifest = {"format": 1, "about": dict(about), "files": files, "fingerprint": fingerprint(public)}
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        target.writestr(zipfile.ZipInfo(MANIFEST, THEN), text, zipfile.ZIP_DEFLATED)
        # Reserved now, so that the record of its length is among the bytes that are signed.
        target.comment = b" " * COMMENT
    signature = key.sign(_digest(path))
    with path.open("r+b") as file:
        file.seek(-COMMENT, 2)
        file.write(MARK + (public + signature).hex().encode())
    return manifest


def _digest(path: Path) -> bytes:
    """Return the SHA-256 of everything before the comment."""
    digest, left = hashlib.sha256(), path.stat().st_size - COMMENT
    with path.open("rb") as file:
        while left > 0 and (block := file.read(min(_BLOCK, left))):
            digest.update(block)
            left -= len(block)
    return digest.digest()


@dataclass(slots=True)
class Verified:
    """What was found of a bundle: whether it is whole, who signed it, what it holds, and every finding."""

    about: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    files: int = 0
    entries: int = 0
    """Of the trail."""
    findings: list[tuple[str, str]] = field(default_factory=list)
    """(what is wrong, which file)"""

    @property
    def intact(self) -> bool:
        return not self.findings


def verify(path: Path, *, expected: str = "") -> Verified:
    """Check every byte of a bundle; `expected` is the fingerprint that the company published."""
    found = Verified()
    try:
        comment = _comment(path)
        public, signature = comment[:PUBLIC], comment[PUBLIC:]
        found.fingerprint = fingerprint(public)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _digest(path))
    except (ValueError, OSError):
        found.findings.append(("not_signed", path.name))
    except InvalidSignature:
        found.findings.append(("signature_differs", path.name))
    if expected and _plain(expected) != _plain(found.fingerprint):
        found.findings.append(("other_key", found.fingerprint))
    try:
        with zipfile.ZipFile(path) as file:
            _verify_files(file, found)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError):
        found.findings.append(("unreadable", path.name))
    return found


def _plain(text: str) -> str:
    return "".join(text.split()).upper()


def _comment(path: Path) -> bytes:
    """Return public key and signature.

    Raises:
        ValueError: the file does not end like a bundle.
    """
    with path.open("rb") as file:
        file.seek(0, 2)
        if file.tell() < COMMENT:
            raise ValueError("too short")
        file.seek(-COMMENT, 2)
        text = file.read()
    if not text.startswith(MARK):
        raise ValueError("no mark")
    digits = text[len(MARK) :]
    found = bytes.fromhex(digits.decode("ascii"))
    if found.hex().encode() != digits:
        raise ValueError("not as it was written")  # capital letters and spaces would mean the same bytes
    return found


def _verify_files(file: zipfile.ZipFile, found: Verified) -> None:
    manifest = json.loads(file.read(MANIFEST))
    found.about = dict(manifest["about"])
    named = {str(each["name"]): each for each in manifest["files"]}
    held = [name for name in file.namelist() if name != MANIFEST]
    found.files = len(named)
    found.findings += [("missing", name) for name in named.keys() - set(held)]
    found.findings += [("not_in_manifest", name) for name in sorted(set(held) - named.keys())]
    if len(held) != len(set(held)):
        found.findings.append(("twice", ", ".join(sorted({name for name in held if held.count(name) > 1}))))
    for name in sorted(named.keys() & set(held)):
        try:
            with file.open(name) as part:
                size, digest = _measured(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError):
            found.findings.append(("unreadable", name))
            continue
        if (size, digest) != (named[name]["size"], named[name]["sha256"]):
            found.findings.append(("changed", name))
        elif TRAIL.fullmatch(name):
            _verify_trail(file, name, found)


def _verify_trail(file: zipfile.ZipFile, name: str, found: Verified) -> None:
    """Check every link of an extract of the trail against its own hash, which the whole chain must hold too."""
    with file.open(name) as part:
        for number, line in enumerate(part, 1):
            try:
                link = json.loads(line)
                said = f"{link['entry']}".encode() + bytes.fromhex(link["seal"]) + link["content"].encode()
                is_whole = hashlib.sha256(bytes.fromhex(link["before"]) + said).hexdigest() == link["hash"]
            except (ValueError, KeyError, TypeError, AttributeError):
                is_whole = False
            if not is_whole:
                found.findings.append(("entry_changed", f"{name}:{number}"))
            found.entries += 1


def _measured(part: IO[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while block := part.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify a signed bundle of Yaomai.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--fingerprint", default="", help="the fingerprint that the company published")
    options = parser.parse_args(arguments)
    found = verify(options.bundle, expected=options.fingerprint)
    for kind, name in found.findings:
        print(f"{kind}\t{name}")  # noqa: T201
    print(f"{found.files} files, {len(found.findings)} findings, signed by {found.fingerprint or '–'}")  # noqa: T201
    return 0 if found.intact else 1


if __name__ == "__main__":
    sys.exit(main())
