"""What people do with imports: upload, choose the columns, check, apply, undo."""

import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, require
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.audit.selectors import acted_since, end_of_trail
from yaomai.kit.errors import Conflict, Invalid, Refused
from yaomai.kit.phrases import phrase
from yaomai.kit.transfer import files, memory
from yaomai.kit.transfer.models import Import
from yaomai.kit.transfer.problems import Problem, Problems
from yaomai.kit.transfer.reading import Table
from yaomai.kit.transfer.registry import Checked, Context, Importer, Undone, importer_named, require_unguarded
from yaomai.kit.transfer.selectors import import_get
from yaomai.kit.transfer.undoing import NAMED
from yaomai.spellings import DayOrder

RIGHT = "transfer.import:import"
AT_ONCE_ROWS = 5_000
"""Files of up to so many rows are imported while one waits; larger ones in the background."""
_SHOWN_PROBLEMS = 200


class WrongState(Conflict):
    code = "transfer.state"
    message = _("This import is “%(state)s”; that cannot be done now.")


def _locked(pk: int, *allowed: str) -> Import:
    """Return the import, locked, if it is in one of the allowed states.

    Raises:
        Missing: there is none in the actor's view, or of a kind that the actor may not import.
        WrongState: it is in another state.
    """
    import_get(pk=pk)
    row: Import = Import.unscoped.select_for_update().get(pk=pk)
    if row.status not in allowed:
        raise WrongState(state=Import.Status(row.status).label)
    return row


@act("transfer.import:upload", right=RIGHT, sentence=_("%(actor)s uploaded %(target)s (%(rows)s rows)"))
def import_upload(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    importer: str,
    path: Path,
    file_name: str,
    source: str = "",
    options: Mapping[str, Any] | None = None,
) -> Import:
    """Read a file and keep it; its columns are guessed, and nothing is imported yet.

    Raises:
        errors.FileRefused: the file cannot be read. Refused: a guard objects; nothing is kept of the file.
    """
    declared = importer_named(importer)
    require(actor, declared.right)
    chosen = {name: value for name, value in (options or {}).items() if value not in ("", None)}
    _require_options(declared, chosen)
    with _in_bulk():
        table = files.read(path, name=file_name, importer=declared, options=chosen)
        require_unguarded(declared, table)
    digest = files.keep(path)
    files.remember(digest, table, importer=declared, options=chosen)
    row = Import(
        importer=importer,
        source=source[:120],
        options=chosen,
        file_name=file_name[-255:],
        sha256=digest,
        size_bytes=path.stat().st_size,
        person_id=actor.person_id,
        created_at=now,
    )
    _describe(row, table)
    row.mapping = memory.guessed(declared, table, source=row.source)
    row.notices += _repeat_notice(row)
    row.save(force_insert=True)
    trail.note(row, importer=importer, rows=row.rows, sha256=digest)
    return row


def _require_options(importer: Importer, options: Mapping[str, Any]) -> None:
    missing = {
        each.name: [_("Fill in this field.")] for each in importer.options if each.required and each.name not in options
    }
    if missing:
        raise Invalid(fields=missing)
    importer.require_options(options)


def _describe(row: Import, table: Table) -> None:
    """Write what the table looks like onto the import."""
    row.headers = list(table.headers)
    row.fingerprint = table.fingerprint
    row.rows = table.height
    row.notices = [phrase(message, **params) for message, params in table.notices]  # type: ignore[arg-type]
    if table.left_out:
        numbers = ", ".join(str(each.row) for each in table.left_out[:10])
        left = _("%(count)s rows are totals, repeated headers or notes and were left out: row %(rows)s.")
        row.notices.append(phrase(left, count=len(table.left_out), rows=numbers))


def _repeat_notice(row: Import) -> list[dict[str, Any]]:
    earlier = (
        Import.unscoped.filter(importer=row.importer, sha256=row.sha256, status=Import.Status.APPLIED)
        .order_by("-applied_at")
        .first()
    )
    if earlier is None or earlier.applied_at is None:
        return []
    when = f"{localtime(earlier.applied_at):%Y-%m-%d %H:%M}"
    return [
        phrase(
            _("The same file was imported before, on %(when)s. What has not changed will be left as it is."), when=when
        )
    ]


@act("transfer.import:map", right=RIGHT, sentence=_("%(actor)s chose the columns of %(target)s"))
def import_map(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    pk: int,
    mapping: Mapping[str, int],
    reading: Mapping[str, Any] | None = None,
    day_order: str = DayOrder.UNKNOWN,
    options: Mapping[str, Any] | None = None,
) -> Import:
    """Decide which column of the file means what; remembered for the next file of this form.

    Args:
        mapping: column name -> position of the file's column.
        options: what the importer asks for besides the file, when it changed since the upload.
        reading: sheet, header_row, has_header, when the file was read wrongly; the columns are then guessed anew.

    Raises:
        Invalid: a needed column is missing, or a position is used twice or does not exist.
    """
    row = _locked(pk, *_OPEN)
    importer = _importer_of(row, actor)
    before = dict(row.mapping)
    if options is not None:
        chosen = {name: value for name, value in options.items() if value not in ("", None)}
        _require_options(importer, chosen)
        own = {column.name for column in importer.options}
        row.options = {name: value for name, value in row.options.items() if name not in own} | chosen
    changed = {name: value for name, value in (reading or {}).items() if value not in ("", None)}
    present = {name: row.options[name] for name in files.READING_OPTIONS if name in row.options}
    if reading is not None and changed != present:
        _read_again(row, importer, changed)
        row.status = Import.Status.UPLOADED
    else:
        row.mapping = _sound_mapping(importer, mapping, len(row.headers))
        memory.remember(importer, row, now=now)
        row.status = Import.Status.MAPPED
    row.options = {**row.options, "day_order": DayOrder(day_order).value}
    row.save()
    trail.note(row, changes={"mapping": (before, row.mapping)} if before != row.mapping else {})
    return row


_OPEN = (Import.Status.UPLOADED, Import.Status.MAPPED, Import.Status.CHECKED, Import.Status.FAILED)


def _read_again(row: Import, importer: Importer, reading: Mapping[str, Any]) -> None:
    kept = {name: value for name, value in row.options.items() if name not in files.READING_OPTIONS}
    row.options = {**kept, **reading}
    table = files.read_stored(row.sha256, name=row.file_name, importer=importer, options=row.options)
    require_unguarded(importer, table)
    _describe(row, table)
    row.mapping = memory.guessed(importer, table, source=row.source)


def _sound_mapping(importer: Importer, mapping: Mapping[str, int], width: int) -> dict[str, int]:
    problems: dict[str, list[Any]] = {}
    used: dict[int, str] = {}
    for column in importer.columns:
        index = mapping.get(column.name)
        if index is None:
            if column.required:
                problems[column.name] = [_("This column is needed. Choose the column of the file that holds it.")]
        elif not 0 <= index < width or index in used:
            problems[column.name] = [_("Choose another column of the file; this one is used already.")]
        else:
            used[index] = column.name
    if problems:
        raise Invalid(fields=problems)
    return {name: index for index, name in used.items()}


def _importer_of(row: Import, actor: Actor) -> Importer:
    importer = importer_named(row.importer)
    require(actor, importer.right)
    return importer


def table_of(row: Import) -> Table:
    """Return the table of an import's file."""
    importer = importer_named(row.importer)
    return files.read_stored(row.sha256, name=row.file_name, importer=importer, options=row.options)


def context_of(
    row: Import,
    actor: Actor,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    shelf: files.Shelf | None = None,
) -> Context:
    """Return the context in which an importer works on an import."""
    recall = {"recall": shelf.recall} if shelf else {}
    return Context(
        actor=actor,
        now=now,
        mapping=row.mapping,
        day_order=DayOrder(row.options.get("day_order", DayOrder.UNKNOWN)),
        options=row.options,
        source=row.source,
        file_name=row.file_name,
        import_id=row.pk,
        progress=progress,
        **recall,
    )


@act(
    "transfer.import:check",
    right=RIGHT,
    sentence=_(
        "%(actor)s checked %(target)s: %(created)s new, %(updated)s changed, %(unchanged)s unchanged, %(refused)s refused"
    ),
)
def import_check(*, actor: Actor, trail: Trail, now: datetime, pk: int) -> Import:
    """Find out what an import would create, change and refuse; nothing of it is written.

    Raises:
        WrongState: the columns are not chosen yet, or it is imported already.
    """
    row = _locked(pk, Import.Status.MAPPED, Import.Status.CHECKED, Import.Status.FAILED)
    importer = _importer_of(row, actor)
    _clear_shelf(row)
    token, after = uuid4().hex, end_of_trail()
    shelf = files.Shelf(row.sha256, token)
    with _in_bulk():
        checked = importer.check(table_of(row), context_of(row, actor, now, shelf=shelf))
    _keep_result(row, checked)
    row.result["shelf"] = {"token": token, "after": after, **_view(actor, now)}
    row.status, row.checked_at = Import.Status.CHECKED, now
    row.save()
    trail.note(row, **_counts(row))
    return row


def _keep_result(row: Import, checked: Checked) -> None:
    row.created_count, row.updated_count, row.unchanged_count = checked.created, checked.updated, checked.unchanged
    row.refused_count = checked.problems.refused_count
    row.result = {
        "created": [[list(pair) for pair in example.items()] for example in checked.created_examples],
        "updated": [
            [name, {header: list(pair) for header, pair in changes.items()}]
            for name, changes in checked.updated_examples
        ],
        "notices": [phrase(message, **params) for message, params in checked.notices],
        "counts": [list(each) for each in checked.problems.counts()],
        "problems": [_kept_problem(each) for each in checked.problems.first(_SHOWN_PROBLEMS)],
    }


def _kept_problem(problem: Problem) -> dict[str, Any]:
    params = {name: value if isinstance(value, int | float) else str(value) for name, value in problem.params.items()}
    place = problem.place
    return {
        "place": [place.sheet, place.row, place.letters],
        "header": problem.header,
        "column": problem.column,
        "value": problem.value,
        "code": problem.code,
        "params": params,
    }


def _counts(row: Import) -> dict[str, Any]:
    return {
        "created": row.created_count,
        "updated": row.updated_count,
        "unchanged": row.unchanged_count,
        "refused": row.refused_count,
    }


def problems_of(row: Import, actor: Actor, now: datetime) -> tuple[Table, Problems]:
    """Check again and return every problem, for the returned workbook. Needs a transaction; writes nothing."""
    checked = _importer_of(row, actor).check(table_of(row), context_of(row, actor, now))
    return checked.problems.table, checked.problems


@act("transfer.import:apply", right=RIGHT, sentence=_("%(actor)s started the import of %(target)s"))
def import_apply(*, actor: Actor, trail: Trail, now: datetime, pk: int, wait: bool = False) -> Import:
    """Import what the check found: small files at once, large ones as a background job unless told to `wait`.

    Raises:
        WrongState: it is not checked, or on its way already.
    """
    row = _locked(pk, Import.Status.CHECKED, Import.Status.FAILED)
    importer = _importer_of(row, actor)
    if row.rows > AT_ONCE_ROWS and not wait:
        from yaomai.kit.transfer.jobs import import_in_background

        row.status = Import.Status.APPLYING
        row.job_id = import_in_background.defer(actor=actor, pk=row.pk, now=now.isoformat()).pk
        row.save()
    else:
        _apply(row, importer, actor, now)
    trail.note(row, changes={"status": (Import.Status.CHECKED, row.status)}, **_counts(row))
    return row


@act(
    "transfer.import:finish",
    right=RIGHT,
    sentence=_(
        "%(actor)s imported %(target)s: %(created)s new, %(updated)s changed, %(unchanged)s unchanged, %(refused)s refused"
    ),
)
def import_finish(
    *, actor: Actor, trail: Trail, now: datetime, pk: int, progress: Callable[[int, int], None]
) -> Import:
    """Do the import that waits for the background. Doing it twice does it once."""
    row = _locked(pk, Import.Status.APPLYING, Import.Status.APPLIED)
    if row.status == Import.Status.APPLYING:
        _apply(row, _importer_of(row, actor), actor, now, progress)
    trail.note(row, **_counts(row))
    return row


@act("transfer.import:fail", right=RIGHT, sentence=_("The import of %(target)s by %(actor)s failed: %(reason)s"))
def import_fail(*, actor: Actor, trail: Trail, pk: int, reason: str) -> Import:
    """Write down why a background import could not be done; nothing of it was written."""
    row = _locked(pk, Import.Status.APPLYING)
    row.status = Import.Status.FAILED
    row.result = {**row.result, "failure": reason}
    row.save()
    trail.note(row, reason=reason)
    return row


_bulk_lock = Lock()
_bulk: list[tuple[bool, float]] = []
"""How garbage is collected and how long threads run outside of bulk work, once for each that is going on."""


@contextmanager
def _in_bulk() -> Iterator[None]:
    """Let the garbage collector rest: a file's rows are millions of values, and no circle among them.

    Threads take turns sooner: one waits for the database while another makes what is written next. Both hold for the
    process, so the last of several imports at once gives them back.
    """
    with _bulk_lock:
        _bulk.append(_bulk[0] if _bulk else (gc.isenabled(), sys.getswitchinterval()))
        gc.disable()
        sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        with _bulk_lock:
            was_at_work, interval = _bulk.pop()
            if not _bulk:
                sys.setswitchinterval(interval)
                if was_at_work:
                    gc.enable()


def _apply(
    row: Import,
    importer: Importer,
    actor: Actor,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> None:
    """Check once more against the present state and write, all in the present transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"transfer {importer.name}"])
    progress(0, row.rows)
    context = context_of(row, actor, now, progress, shelf=_shelf(row, actor, now))
    with _in_bulk():
        checked = importer.check(table_of(row), context)
        applied = importer.apply(checked, context)
    _clear_shelf(row)
    _keep_result(row, checked)
    row.created_count, row.updated_count, row.unchanged_count = applied.created, applied.updated, applied.unchanged
    row.status, row.applied_at = Import.Status.APPLIED, now
    row.save()
    progress(row.rows, row.rows)


def _shelf(row: Import, actor: Actor, now: datetime) -> files.Shelf | None:
    """Return what the check kept, unless somebody else looks now or something was done since: then all is found out anew."""
    shelf = row.result.get("shelf")
    if shelf is None or not _view(actor, now).items() <= shelf.items() or acted_since(shelf["after"], besides=row):
        return None
    return files.Shelf(row.sha256, shelf["token"])


def _view(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what decides who is reached: whose eyes, and the day on which positions hold."""
    return {"person": actor.person_id, "day": local_day(now).isoformat()}


def _clear_shelf(row: Import) -> None:
    if shelf := row.result.get("shelf"):
        files.Shelf(row.sha256, shelf["token"]).clear()


class NothingToUndo(Refused):
    """Nothing of an import can be taken back as things are."""

    code = "transfer.nothing_to_undo"
    message = _("None of the %(count)s rows can be undone. Most frequent reason: %(reason)s. Clear that away first.")


def import_taken_back(pk: int, *, now: datetime) -> None:
    """Note that everything an import brought was taken back on another page: it stands as undone."""
    Import.unscoped.filter(pk=pk, status=Import.Status.APPLIED).update(status=Import.Status.UNDONE, undone_at=now)


@act(
    "transfer.import:undo",
    right=RIGHT,
    sentence=_(
        "%(actor)s undid the import of %(target)s: %(removed)s removed, %(restored)s restored, %(kept)s kept as they are"
    ),
)
def import_undo(*, actor: Actor, trail: Trail, now: datetime, pk: int) -> Import:
    """Take an import back; what others changed or rely on since stays, is named, and can be taken back later.

    Raises:
        WrongState: it is not imported, or undone to the last row.
        NothingToUndo: every row has to stay.
    """
    row = _locked(pk, *UNDOABLE)
    undone = _importer_of(row, actor).undo(context_of(row, actor, now))
    reasons = kept_reasons(undone)
    if reasons and not undone.removed and not undone.restored:
        raise NothingToUndo(count=len(undone.kept), reason=reasons[0][0])
    row.status = Import.Status.PARTIAL if undone.kept else Import.Status.UNDONE
    row.undone_at = now
    row.result = {
        **row.result,
        "removed": row.result.get("removed", 0) + undone.removed,
        "restored": row.result.get("restored", 0) + undone.restored,
        "kept": [list(each) for each in undone.kept[:NAMED]],
        "kept_count": len(undone.kept),
        "kept_reasons": [list(each) for each in reasons],
    }
    row.save()
    trail.note(row, removed=undone.removed, restored=undone.restored, kept=len(undone.kept))
    return row


UNDOABLE = (Import.Status.APPLIED, Import.Status.PARTIAL)


def kept_reasons(undone: Undone) -> list[tuple[str, int]]:
    """Return why rows stay, and how many for each reason, the most frequent first."""
    return Counter(reason for _name, reason in undone.kept).most_common()


def undo_tried(row: Import, actor: Actor, now: datetime) -> Undone:
    """Return what an undo would do; it is done and taken back at once.

    Raises:
        Refused: it would be refused, and why.
    """
    _locked(row.pk, *UNDOABLE)
    importer = _importer_of(row, actor)
    tried = transaction.savepoint()
    try:
        return importer.undo(context_of(row, actor, now))
    finally:
        transaction.savepoint_rollback(tried)
