"""An upload meets a disk that is full, then one that cannot be written: it is told, and sent again it arrives (R3)."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yaomai.kit.transfer.models import Import

from .conftest import World, every_right

pytestmark = pytest.mark.django_db
ROWS = "医院名称,等级\n" + "".join(f"第{number}人民医院,三甲\n" for number in range(9_000))


def mounted(folder: Path, *options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture
def disk(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Keep uploaded files on a disk of 128 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or not mounted(folder, "size=128k"):
        pytest.skip("only the superuser of a machine may mount a disk")
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder / "kept"}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_nothing_is_lost_on_a_full_or_read_only_disk(world: World, browse: Callable[..., Client], disk: Path) -> None:
    client = browse(world.east, every_right() | {"transfer.import:view", "transfer.import:import"})

    def upload() -> Any:
        return client.post(
            "/imports/new/customers.institution/", {"file": SimpleUploadedFile("名单.csv", ROWS.encode())}
        )

    full = upload()
    assert (full.status_code, full.headers["Retry-After"]) == (507, "5")
    assert "磁盘已满" in full.content.decode()
    assert [path for path in disk.rglob("*") if path.is_file()] == []

    assert mounted(disk, "remount", "size=64m", "ro")
    unwritable = upload()
    assert unwritable.status_code == 507
    assert "服务器无法写入数据" in unwritable.content.decode()
    assert not Import.unscoped.exists()

    assert mounted(disk, "remount", "rw")
    assert upload().status_code == 302
    row = Import.unscoped.get()
    assert row.rows == 9_000
    assert mounted(disk, "remount", "ro")
    # What is only to be quicker later stops nothing.
    page = client.get(f"/imports/{row.pk}/")
    assert page.status_code == 200 and "第0人民医院" in page.content.decode()
