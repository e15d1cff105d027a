"""The file of a dossier: lists as CSV, decisions, evidence, the trail of every row, and an index, in one signed bundle."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.integrity.inspection import Section, sections
from yaomai.integrity.models import Dossier
from yaomai.kit.access import Actor
from yaomai.kit.approvals.models import Decision, Request
from yaomai.kit.attachments import store
from yaomai.kit.attachments.models import Attachment
from yaomai.kit.audit import bundles
from yaomai.kit.audit.models import Entry, Link
from yaomai.kit.audit.sentences import lines_of
from yaomai.kit.audit.trail import seal
from yaomai.kit.documents.parts import Column, Document, Fact, Facts, Figure, Figures, Paragraph, Table
from yaomai.kit.documents.parts import Section as Chapter
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.phrases import rendered
from yaomai.kit.surfaces.columns import cells, related_paths, unread_paths
from yaomai.kit.surfaces.surface import surface_of
from yaomai.kit.transfer.writing import Heading, csv_chunks

CHUNK = 1000
LINKS_PER_FILE = 20_000
MANNERED = re.compile(r"[^\w.()（）-]+")


@dataclass(slots=True)
class Making:
    """What has been put in so far."""

    dossier: Dossier
    actor: Actor
    rows: dict[str, list[int | str]] = field(default_factory=dict)
    """Label of a model -> keys of its rows."""
    lists: list[tuple[str, int, str]] = field(default_factory=list)
    """What, how many, in which file."""
    withheld: list[str] = field(default_factory=list)
    """Lists that whoever made it may not see."""
    files: int = 0
    entries: int = 0
    flaws: list[tuple[str, str]] = field(default_factory=list)


def folder() -> Path:
    """Return where the files of dossiers lie: in the data folder, so that backups have them."""
    return Path(default_storage.path("dossiers"))


def file_of(dossier: Dossier) -> Path:
    """Return the file of one."""
    return folder() / f"{dossier.pk}.zip"


def key() -> Any:
    """Return the key that this installation signs with."""
    return bundles.signing_key(settings.SECRET_KEY)


def fingerprint() -> str:
    """Return what the company publishes, so that nobody takes another's signature for its own."""
    return bundles.fingerprint(bundles.public_bytes(key()))


def make(dossier: Dossier, actor: Actor, *, now: datetime) -> Making:
    """Write the file of a dossier, replacing one that was begun before, and return what is in it."""
    making = Making(dossier, actor)
    folder().mkdir(parents=True, exist_ok=True)
    target = file_of(dossier)
    partial = target.with_suffix(".part")
    about = {
        "subject": str(dossier), "occasion": dossier.get_occasion_display(), "authority": dossier.authority,
        "reference": dossier.reference, "first_day": dossier.first_day.isoformat(), "last_day": dossier.last_day.isoformat(),
        "made_by": actor.label, "made_at": f"{timezone.localtime(now):%Y-%m-%d %H:%M}",
    }  # fmt: skip
    try:
        bundles.write(partial, _parts(making, now), about=about, key=key())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return making


def _parts(making: Making, now: datetime) -> Iterator[tuple[str, bytes]]:
    number = 0
    for section in sections():
        if making.dossier.sections and section.code not in making.dossier.sections:
            continue
        rows = section.rows(making.dossier.wanted)
        if rows is None:
            continue
        if not making.actor.may(section.model.right("view")):
            making.withheld.append(str(section.label))
            continue
        number += 1
        name = f"{number:02d}-{mannered(section.label)}.csv"
        content, count = _listed(making, section, rows)
        making.lists.append((str(section.label), count, name))
        yield name, content
    content, count = _decisions(making)
    making.lists.append((_("Approvals"), count, name := f"{number + 1:02d}-{_('Approvals')}.csv"))
    yield name, content
    yield from _evidence(making)
    yield from _trail(making, number + 2)
    yield f"00-{_('Index')}.pdf", pdf(index(making, now))


def mannered(text: object) -> str:
    """Return a text that every system takes for the name of a file."""
    return MANNERED.sub("_", str(text))[:80]


def _csv(labels: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    return b"".join(csv_chunks([Heading(label) for label in labels], lines))


# Lists ----------------------------------------------------------------------------------------------------------


def _listed(making: Making, section: Section, rows: Any) -> tuple[bytes, int]:
    """Return a list as its screen shows it, with the key of each row, and how many rows there are."""
    columns = surface_of(section.model).all_columns(making.actor)
    joined = related_paths(section.model, columns)
    shown = rows.select_related(*joined).defer(*unread_paths(section.model, joined)) if joined else rows
    keys = making.rows.setdefault(section.model._meta.label_lower, [])

    def lines() -> Iterator[list[Any]]:
        chunk: list[Any] = []
        for row in shown.iterator(chunk_size=CHUNK):
            chunk.append(row)
            if len(chunk) == CHUNK:
                yield from _written(chunk)
                chunk = []
        yield from _written(chunk)

    def _written(chunk: list[Any]) -> Iterator[list[Any]]:
        keys.extend(row.pk for row in chunk)
        for row, said in zip(chunk, cells(chunk, columns), strict=True):
            yield [row.pk, *said]

    return _csv([_("Key"), *(str(column.label) for column in columns)], lines()), len(keys)


def _in_chunks(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


# Approvals ------------------------------------------------------------------------------------------------------


def _decisions(making: Making) -> tuple[bytes, int]:
    """Return every decision on what is listed, with what was approved word for word."""
    requests: list[Request] = []
    for label, keys in making.rows.items():
        for some in _in_chunks(keys):
            texts = [str(key) for key in some]
            requests += Request.unscoped.filter(target_type=label, target_id__in=texts).order_by("pk")
    making.rows[Request._meta.label_lower] = [request.pk for request in requests]
    by_request: dict[int, list[Decision]] = {}
    for some in _in_chunks([request.pk for request in requests]):
        for decision in Decision.objects.filter(request__in=some).select_related("person").order_by("pk"):
            by_request.setdefault(decision.request_id, []).append(decision)
    labels = [
        _("Key"), _("What was asked for"), _("Requested by"), _("Requested"), _("What is to be approved"), _("Reason"),
        _("State"), _("Who decided"), _("Verdict"), _("Comment"), _("Meaning of the signature"), _("Signed at"),
        _("Decided at"), _("Digest of what was approved"),
    ]  # fmt: skip
    lines = [line for request in requests for line in _request_lines(request, by_request.get(request.pk, []))]
    return _csv(labels, lines), len(requests)


def _request_lines(request: Request, decisions: list[Decision]) -> Iterator[list[Any]]:
    facts = "；".join(f"{rendered(fact['label'])}：{fact['value']}" for fact in request.facts)
    head = [
        request.pk, str(request), request.requested_by_label, request.created_at, facts, request.reason,
        request.get_state_display(),
    ]  # fmt: skip
    for decision in decisions:
        yield [
            *head, str(decision.person), decision.get_verdict_display(), decision.comment, rendered(decision.meaning),
            decision.signed_at, decision.at, decision.digest,
        ]  # fmt: skip
    if not decisions:
        yield [*head, "", "", "", "", None, None, request.digest]


# Evidence -------------------------------------------------------------------------------------------------------


def _evidence(making: Making) -> Iterator[tuple[str, bytes]]:
    """Yield the files attached to what is listed; one that is gone or altered is named among the flaws."""
    for label, keys in list(making.rows.items()):
        for some in _in_chunks(keys):
            if not all(isinstance(each, int) for each in some):
                continue
            held = Attachment.unscoped.filter(carrier=label, carrier_id__in=some, taken_away_at=None).order_by("pk")
            for attachment in held:
                content = store.read(attachment.sha256)
                name = f"{_('evidence')}/{label}-{attachment.carrier_id}/{attachment.pk}-{mannered(attachment.name)}"
                if content is None:
                    making.flaws.append(("damaged", name))
                    continue
                making.files += 1
                yield name, content


# Trail ----------------------------------------------------------------------------------------------------------


def _trail(making: Making, number: int) -> Iterator[tuple[str, bytes]]:
    """Yield what happened to everything listed: as sentences, and as links that can be checked one by one."""
    keys: list[int] = []
    for label, rows in making.rows.items():
        for some in _in_chunks(rows):
            texts = [str(key) for key in some]
            keys += Entry.unscoped.filter(target_type=label, target_id__in=texts).values_list("pk", flat=True)
    keys.sort()
    said: list[list[Any]] = []
    for part, start in enumerate(range(0, len(keys), LINKS_PER_FILE), 1):
        links = []
        for some in _in_chunks(keys[start : start + LINKS_PER_FILE]):
            proved = list(_proved(making, some))
            links += [link for _entry, link in proved]
            for line in lines_of(entry for entry, _link in proved):
                entry = line.entry
                said.append([entry.pk, line.at, line.who, line.position, line.sentence, entry.get_outcome_display()])
        text = "".join(json.dumps(link, ensure_ascii=False) + "\n" for link in links)
        yield f"trail-{part:03d}.jsonl", text.encode()
    making.entries = len(said)
    name = f"{number:02d}-{_('Operations')}.csv"
    making.lists.append((_("Operations"), len(said), name))
    labels = [
        _("Key"),
        pgettext("dossier", "At"),
        pgettext("dossier", "Who"),
        pgettext("dossier", "Position"),
        pgettext("dossier", "What was done"),
        _("Outcome"),
    ]
    yield name, _csv(labels, said)


def _proved(making: Making, keys: Sequence[int]) -> Iterator[tuple[Entry, dict[str, Any]]]:
    """Yield entries with their place in the chain; an entry that is not as it was written is named among the flaws."""
    links = {link.entry_id: link for link in Link.objects.filter(entry__in=keys)}
    before = {
        sequence + 1: bytes(digest).hex()
        for sequence, digest in Link.objects.filter(sequence__in=[link.sequence - 1 for link in links.values()])
        .values_list("sequence", "hash")
    }  # fmt: skip
    for entry in Entry.unscoped.filter(pk__in=keys).order_by("pk"):
        link = links.get(entry.pk)
        if link is None or bytes(entry.seal) != seal(entry.content):
            making.flaws.append(("entry_changed", str(entry.pk)))
        if link is None:
            continue
        yield entry, {
            "sequence": link.sequence, "entry": entry.pk,
            "before": before.get(link.sequence, hashlib.sha256(b"").hexdigest()),
            "hash": bytes(link.hash).hex(), "seal": bytes(entry.seal).hex(), "content": entry.content,
        }  # fmt: skip


# Index ----------------------------------------------------------------------------------------------------------


def flaw_said(kind: str, what: str) -> str:
    """Return in words what could not be brought along as it was."""
    if kind == "damaged":
        return _("A file is gone or altered: %(what)s") % {"what": what}
    return _("An entry of the trail is not as it was written: %(what)s") % {"what": what}


def index(making: Making, now: datetime) -> Document:
    """Return the first page: what was asked, what is in it, and how to check it."""
    dossier = making.dossier
    about = (
        Fact(pgettext("dossier", "Occasion"), dossier.get_occasion_display()),
        Fact(pgettext("dossier", "Asked by"), dossier.authority),
        Fact(pgettext("dossier", "Reference"), dossier.reference or "–"),
        Fact(pgettext("dossier", "About"), str(dossier).partition(" · ")[0]),
        Fact(_("From"), dossier.first_day, "date"),
        Fact(_("Until"), dossier.last_day, "date"),
        Fact(_("Made by"), making.actor.label),
        Fact(_("Made at"), now, "moment"),
    )
    rows = sum(count for _label, count, _name in making.lists)
    withheld = [
        Paragraph(_("Not included, because whoever made this may not see it: %(lists)s") % {"lists": "、".join(making.withheld)})
    ] if making.withheld else []  # fmt: skip
    flaws = [
        Chapter(_("Not as it was"), (Table((Column(""),), tuple((flaw_said(*each),) for each in making.flaws)),))
    ] if making.flaws else []  # fmt: skip
    return Document(
        title=_("Inspection dossier"),
        subtitle=str(dossier),
        as_of=dossier.last_day,
        made_at=now,
        made_by=making.actor.label,
        blocks=(
            Facts(about),
            Figures((
                Figure(pgettext("dossier", "Records"), rows), Figure(_("Evidence files"), making.files),
                Figure(_("Entries of the trail"), making.entries),
                Figure(_("Not as it was"), len(making.flaws), tone="bad" if making.flaws else "good"),
            )),
            Chapter(_("What is in it"), (
                Table((Column(_("List"), width=3), Column(pgettext("dossier", "Records"), "number", 1),
                       Column(_("File"), width=4)), tuple(making.lists)),
                *withheld,
            )),
            *flaws,
            Chapter(_("How to check it"), (Paragraph(_(
                "On any machine with Yaomai, without the database: yaomai audit verify FILE.zip. It names every file that was"
                " changed, added or taken out. The fingerprint of the key must be the one that the company published:"
                " %(fingerprint)s"
            ) % {"fingerprint": fingerprint()}),)),
        ),
    )  # fmt: skip
