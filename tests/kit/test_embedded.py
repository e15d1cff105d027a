import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from yaomai.kit.embedded import (
    DiskFull,
    EmbeddedError,
    EmbeddedPostgres,
    FolderInUse,
    UnsafeSocketFolder,
    WrongVersion,
    configuration,
    settings_for,
)
from yaomai.kit.embedded.binaries import reachable_by_others
from yaomai.kit.embedded.folder import Folder
from yaomai.kit.embedded.processes import alive, matching


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose cluster every test of this module uses again: initdb takes the longest."""
    return tmp_path_factory.mktemp("embedded")


@pytest.fixture
def server(data: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(data) as running:
        yield running


def scalar(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def run_python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )


OWNER = """
    import sys, signal
    from pathlib import Path
    from yaomai.kit.embedded import EmbeddedPostgres
    server = EmbeddedPostgres(Path(sys.argv[1]))
    server.start()
    print(server.process.pid, flush=True)
    signal.pause()
"""


def test_a_fresh_folder_gives_utf8_checksums_and_an_unprivileged_role(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(
            """SELECT current_user::text, current_database()::text, pg_encoding_to_char(encoding), datlocprovider,
                      datlocale, current_setting('data_checksums'), current_setting('listen_addresses'),
                      (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
               FROM pg_database WHERE datname = current_database()"""
        ).fetchone()
    assert row == ("yaomai", "yaomai", "UTF8", "b", "C.UTF-8", "on", "", False)


def test_only_the_owner_of_the_folder_can_reach_it(server: EmbeddedPostgres) -> None:
    socket_directory = Path(server.connection_parameters["host"])
    assert socket_directory.stat().st_mode & 0o077 == 0
    assert server.folder.cluster.stat().st_mode & 0o077 == 0
    assert server.folder.log.stat().st_mode & 0o077 == 0


def test_data_is_there_after_stop_and_start(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn) as connection:
        connection.execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()
    assert not matching(server.folder.cluster_name)
    server.start()
    assert scalar(server, "SELECT n FROM kept") == 7


def test_the_postmaster_killed_loses_nothing_and_restarts(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn) as connection:
        connection.execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 8 AS n")
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    assert not server.alive()
    server.restart()
    assert scalar(server, "SELECT n FROM kept") == 8


def test_the_server_ends_with_its_owner_and_the_next_start_recovers(data: Path) -> None:
    owner = run_python(OWNER, str(data))
    assert owner.stdout is not None
    postmaster = int(owner.stdout.readline())
    with psycopg.connect(EmbeddedPostgres(data).dsn) as connection:
        connection.execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 9 AS n")
    owner.kill()
    owner.wait()
    with EmbeddedPostgres(data) as server:
        assert not alive(postmaster)
        assert server.owned
        assert scalar(server, "SELECT n FROM kept") == 9


def test_a_second_process_uses_the_running_server(server: EmbeddedPostgres) -> None:
    code = """
        import sys
        from pathlib import Path
        from yaomai.kit.embedded import EmbeddedPostgres
        with EmbeddedPostgres(Path(sys.argv[1])) as server:
            print(server.owned, server.dsn)
    """
    other = run_python(code, str(server.folder.data))
    words, complaints = other.communicate(timeout=30)
    assert words.split(maxsplit=1) == ["False", server.dsn + "\n"], complaints
    assert server.alive(), "leaving an attached server must not stop it"


def test_who_must_own_the_server_is_told_who_does(server: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(server.folder.data)
    with pytest.raises(FolderInUse) as caught:
        other.start(attach=False)
    assert caught.value.params["pid"] == os.getpid()
    assert server.alive()


def test_stale_lock_files_with_a_living_process_id_do_not_hinder(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        socket_directory = Path(server.connection_parameters["host"])
        text = (server.folder.cluster / "postmaster.pid").read_text()
    stale = "\n".join([str(os.getppid()), *text.splitlines()[1:]]) + "\n"  # alive, and not PostgreSQL
    for path in (data / "postgres" / "postmaster.pid", socket_directory / ".s.PGSQL.5432.lock"):
        path.write_text(stale)
    with EmbeddedPostgres(data) as server:
        assert server.alive()


def test_an_interrupted_initdb_is_begun_anew(tmp_path: Path) -> None:
    draft = tmp_path / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path, durable=False) as server:
        assert server.alive()
    assert not draft.exists()


def test_a_folder_of_another_version_is_refused_and_untouched(tmp_path: Path) -> None:
    cluster = tmp_path / "postgres"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("15\n")
    with pytest.raises(WrongVersion) as caught:
        EmbeddedPostgres(tmp_path).start()
    assert (caught.value.params["found"], caught.value.params["wanted"]) == ("15", 18)
    assert [path.name for path in cluster.iterdir()] == ["PG_VERSION"]
    assert Folder(tmp_path).take(), "a failed start must give the folder free"


def test_a_broken_setting_is_reported_with_the_words_of_the_server(data: Path) -> None:
    local = data / "postgres" / "local.conf"
    with EmbeddedPostgres(data):
        local.write_text("shared_buffers = 'many'\n")
        local.chmod(0o644)
    try:
        with pytest.raises(EmbeddedError) as caught:
            EmbeddedPostgres(data).start()
        assert "configuration file" in caught.value.detail
        assert str(data / "logs" / "postgres.log") in str(caught.value)
    finally:
        local.unlink()


def test_a_full_disk_is_named(data: Path) -> None:
    error = EmbeddedPostgres(data)._explained('FATAL:  could not write lock file "x": No space left on device')
    assert isinstance(error, DiskFull)
    assert error.params == {"folder": data}


def test_a_long_path_gets_a_socket_that_fits(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 30)
    directory = settings_for(deep)["HOST"]
    assert len(directory) + len("/.s.PGSQL.5432") <= 107


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = tmp_path / "trap"
    trap.symlink_to(tmp_path)
    monkeypatch.setattr(Folder, "_socket_rule", lambda self: trap)
    with pytest.raises((UnsafeSocketFolder, FileExistsError)):
        EmbeddedPostgres(tmp_path, durable=False).start()


def test_small_and_large_machines_get_fitting_memory() -> None:
    gigabyte = 1024**3
    assert configuration.memory_settings(gigabyte)["shared_buffers"] == "128MB"
    assert configuration.memory_settings(64 * gigabyte)["shared_buffers"] == "1024MB"
    assert configuration.memory_settings(gigabyte // 4)["shared_buffers"] == "64MB"


def test_a_closed_parent_makes_a_file_unreachable(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    inner = tmp_path / "closed" / "program"
    inner.parent.mkdir()
    inner.touch()
    inner.chmod(0o755)
    inner.parent.chmod(0o700)
    assert not reachable_by_others(inner)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the user")
def test_root_runs_it_as_a_system_user_without_opening_folders(data: Path) -> None:
    data.chmod(0o700)
    with EmbeddedPostgres(data) as server:
        assert server.process is not None
        uid = os.stat(f"/proc/{server.process.pid}").st_uid
        assert uid != 0
        assert server.folder.cluster.stat().st_uid == uid
    assert data.stat().st_mode & 0o777 == 0o700
    assert data.stat().st_uid == 0


def test_an_interrupt_of_the_terminal_does_not_reach_the_server(server: EmbeddedPostgres) -> None:
    assert server.process is not None
    assert os.getsid(server.process.pid) != os.getsid(0)
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.process.pid, signal.SIGCONT)
    assert server.alive()
