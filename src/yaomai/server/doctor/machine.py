"""Checks of the machine: Python, disk, folders, fonts, time."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import zoneinfo
from pathlib import Path

from yaomai.kit.embedded import EmbeddedError, installation
from yaomai.words import _

from .findings import Finding, Surroundings, check, fail, ok, warn

GIGABYTE = 1024**3
_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "ceph", "fuse.glusterfs"}


@check(_("Python"))
def python_version(around: Surroundings) -> Finding:
    seen = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):  # noqa: UP036 — the package may run under another Python than it was installed for
        return fail(seen, _("Install Python 3.11 or newer and run make up again."))
    return ok(seen)


@check(_("Disk space"))
def disk_space(around: Surroundings) -> Finding:
    usage = shutil.disk_usage(around.data)
    seen = _("%(free).1f of %(total).1f GB free") % {"free": usage.free / GIGABYTE, "total": usage.total / GIGABYTE}
    mend = _("Free space on the disk of %(folder)s, or move the data folder to a larger disk.") % {
        "folder": around.data
    }
    if usage.free < GIGABYTE:
        return fail(seen, mend)
    return warn(seen, mend) if usage.free < 5 * GIGABYTE else ok(seen)


@check(_("File entries"))
def disk_entries(around: Surroundings) -> Finding:
    state = os.statvfs(around.data)
    if not state.f_files:  # btrfs and some others have no fixed number
        return ok(_("not limited"))
    share = state.f_favail / state.f_files
    seen = _("%(share).0f%% of the file entries free") % {"share": share * 100}
    return ok(seen) if share > 0.05 else fail(seen, _("The disk holds too many small files: remove some."))


@check(_("Memory"))
def memory(around: Surroundings) -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    seen = f"{total:.1f} GB"
    if total < 1.5:
        return warn(seen, _("Give the machine 2 GB or more; large imports and runs may be killed otherwise."))
    return ok(seen)


@check(_("Open files"))
def open_files(around: Surroundings) -> Finding:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    mend = _("Raise the limit of open files: ulimit -n 4096, or LimitNOFILE= in the systemd unit.")
    seen = _("at most %(count)s") % {"count": soft}
    return ok(seen) if soft >= 1024 else warn(seen, mend)


@check(_("Data folder is private"))
def data_folder_private(around: Surroundings) -> Finding:
    mode = around.data.stat().st_mode & 0o777
    if mode & 0o077:
        return fail(f"{mode:o}", f"chmod 700 {around.data}")
    return ok(f"{mode:o}")


@check(_("Data folder takes writes"))
def data_folder_writable(around: Surroundings) -> Finding:
    probe = around.data / f".probe.{os.getpid()}"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        return fail(error.strerror, _("Give your user the right to write in %(folder)s.") % {"folder": around.data})
    return ok(around.data)


@check(_("Data folder is on a local disk"))
def data_folder_local(around: Surroundings) -> Finding:
    kind = file_system(around.data, Path("/proc/self/mounts").read_text())
    if kind in _NETWORK_FILE_SYSTEMS:
        return warn(kind, _("Keep the data folder on a local disk: network disks break locks and lose writes."))
    return ok(kind)


def file_system(path: Path, mounts: str) -> str:
    """Return the kind of file system that holds `path`, from the text of /proc/self/mounts."""
    best, kind = -1, "?"
    for line in mounts.splitlines():
        _device, point, found, *_rest = line.split()
        point = point.encode().decode("unicode_escape")
        if path.is_relative_to(point) and len(point) >= best:
            best, kind = len(point), found
    return kind


@check(_("Temporary folder"))
def temporary_folder(around: Surroundings) -> Finding:
    folder = Path(tempfile.gettempdir())
    free = shutil.disk_usage(folder).free
    seen = f"{folder}: {free / GIGABYTE:.1f} GB"
    if free < GIGABYTE // 2:
        return warn(seen, _("Free space there, or set TMPDIR to a folder on a larger disk."))
    return ok(seen)


@check(_("Logs"))
def log_folder(around: Surroundings) -> Finding:
    size = sum(path.stat().st_size for path in (around.data / "logs").glob("*") if path.is_file())
    seen = f"{size / GIGABYTE:.2f} GB"
    return ok(seen) if size < GIGABYTE else warn(seen, _("Read the logs: something repeats without end."))


@check(_("Chinese fonts"))
def chinese_fonts(around: Surroundings) -> Finding:
    program = shutil.which("fc-list")
    if program is None:
        return warn(_("fontconfig is missing"), "apt-get install fontconfig fonts-noto-cjk")
    found = subprocess.run([program, ":lang=zh", "family"], capture_output=True, text=True, check=False).stdout
    if not found.strip():
        return warn(_("no Chinese font"), "apt-get install fonts-noto-cjk")
    return ok(found.splitlines()[0])


@check(_("Time zone"))
def time_zone(around: Surroundings) -> Finding:
    from django.conf import settings

    try:
        zoneinfo.ZoneInfo(settings.TIME_ZONE)
    except zoneinfo.ZoneInfoNotFoundError:
        return fail(settings.TIME_ZONE, "apt-get install tzdata")
    if settings.TIME_ZONE != "Asia/Shanghai":
        return warn(settings.TIME_ZONE, _("Working days and deadlines are Chinese: keep Asia/Shanghai."))
    return ok(settings.TIME_ZONE)


@check(_("Database programs"))
def database_programs(around: Surroundings) -> Finding:
    if not around.embedded:
        return ok(_("not needed: DATABASE_URL is set"))
    try:
        return ok(installation())
    except EmbeddedError as error:
        return fail(_(error.message), _(error.mend) % error.params)


@check(_("Settings of the environment"))
def unknown_settings(around: Surroundings) -> Finding:
    unknown = sorted(name for name in around.environment if name.startswith("YAOMAI_") and name not in _KNOWN_SETTINGS)
    if unknown:
        return warn(", ".join(unknown), _("Nothing reads these: look for a typing mistake in their names."))
    return ok()


_KNOWN_SETTINGS = {
    f"YAOMAI_{name}"
    for name in (
        "DATA", "HOSTS", "HTTPS", "DEBUG", "SECRET_KEY", "POOL", "IDENTITY", "LOG_LEVEL", "LANG", "KEYS", "TESTING",
        "TRUSTED_ORIGINS", "METRICS_TOKEN", "DATABASE_USER", "SHARED_DATA", "TEST_RUN", "OUTWARD",
    )
}  # fmt: skip
