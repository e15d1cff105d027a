import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.utils.translation import override

from yaomai.kit.backup import Damaged
from yaomai.kit.embedded import FolderInUse
from yaomai.server.cli import Commands, work
from yaomai.server.cli.failure import Refusal, explained

SOURCE = Path(__file__).parents[2] / "src"


def yaomai(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("YAOMAI_") and key != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "yaomai.server", *words],
        env=kept | {"PYTHONPATH": str(SOURCE), "YAOMAI_LANG": "en", "COLUMNS": "120"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_help_names_every_command_in_both_languages() -> None:
    english, chinese = yaomai("--help").stdout, yaomai("--help", YAOMAI_LANG="zh").stdout
    for name in Commands.sources:
        assert f" {name} " in english
        assert f" {name} " in chinese
    assert "Begin with `yaomai up`" in english
    assert "医药大客户管理平台" in chinese


@pytest.mark.parametrize("command", ["up", "import", "backup"])
def test_what_typer_adds_to_a_help_text_is_chinese_too(command: str) -> None:
    help_text = yaomai(command, "--help", YAOMAI_LANG="zh").stdout
    assert "显示本说明" in help_text
    assert f"用法：yaomai {command} [选项]" in help_text
    for word in (
        "Show this",
        "default:",
        "required",
        "env var",
        "Options",
        "Usage",
        "OPTIONS",
        "<str>",
        "<path>",
        "range>",
    ):
        assert word not in help_text


@pytest.mark.parametrize("words", ["", "audit", "engine", "engine plan --help"])
def test_the_first_word_of_a_help_text_is_the_readers(words: str) -> None:
    for language, first in (("zh", "用法："), ("en", "Usage: ")):
        done = yaomai(*words.split(), YAOMAI_LANG=language)
        told = (done.stdout or done.stderr).lstrip()
        assert told.startswith(f"{first}yaomai {words.split(' -')[0]}".rstrip())
    assert "Options:" in told or "─ Options" in told


@pytest.mark.parametrize("words", ["'--help'", "'engine', '--help'", "'engine', 'match', '--help'"])
def test_help_loads_neither_django_nor_the_engine(words: str) -> None:
    code = (
        f"import sys; sys.argv = ['yaomai', {words}]\n"
        "from yaomai.server.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print({name.split('.')[0] for name in sys.modules} & {'django', 'ibis', 'duckdb', 'psycopg', 'granian', 'pyarrow', 'pypinyin'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"YAOMAI_LANG": "en"}, "Begin with"),
        ({"YAOMAI_LANG": "", "LANG": "en_US.UTF-8", "LC_ALL": ""}, "Begin with"),
        ({"YAOMAI_LANG": "", "LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "医药"),
        ({"YAOMAI_LANG": "", "LANG": "C.UTF-8", "LC_ALL": ""}, "医药"),
    ],
)
def test_the_language_is_the_readers(environment: dict[str, str], expected: str) -> None:
    assert expected in yaomai("--help", **environment).stdout


def test_an_unknown_command_is_a_usage_error() -> None:
    done = yaomai("upp")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("upp", "没有命令 'upp'。"),
        ("run --publissh", "没有选项 --publissh。"),
        ("engine tier --nope", "没有选项 --nope。"),
        ("engine plan --seconds", "选项 '--seconds' 需要一个值。"),
        ("run --as-of", "选项 '--as-of' 需要一个值。"),
        ("backup", "缺少 文件。"),
        ("audit proof -x", "没有"),
        ("audit verfy", "没有命令 'verfy'。是否要用 'verify'？"),
        ("up --port x", "--port: 'x' 不是数字。"),
        ("up --port 0", "--port: 0 超出范围 1<=x<=65535。"),
        ("import a b c", "多余的参数：c。"),
    ],
)
def test_what_is_written_wrongly_is_said_in_the_readers_language(words: str, said: str) -> None:
    done = yaomai(*words.split(), YAOMAI_LANG="zh")
    assert done.returncode == 2
    assert said in done.stderr
    assert not {"Usage", "Try", "Error", "No such"} & set(re.findall(r"[A-Z][a-z]+(?: such)?", done.stderr))


def test_nothing_marked_is_spoken_of_where_nothing_is_marked() -> None:
    from yaomai.compliance.prescriptions import PrescriptionCount
    from yaomai.kit.errors import Invalid

    with override("zh-hans"):
        assert explained(Invalid(fields={"distributor": ["请填写。"]})) == "distributor: 请填写。"
        refused = explained(PrescriptionCount(["医生"]))
    assert refused is not None
    cited = refused.splitlines()[1:]
    assert len(cited) == 2
    assert all("《" in line and len(line) > 15 for line in cited)


def test_a_file_that_is_no_backup_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8")
    done = yaomai("restore", str(tmp_path / "holiday.jpg"), YAOMAI_DATA=str(tmp_path / "data"))
    assert done.returncode == 1
    assert "is not a backup of Yaomai" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_psql_without_a_server_says_how_to_start_one(tmp_path: Path) -> None:
    done = yaomai("psql", YAOMAI_DATA=str(tmp_path))
    assert done.returncode == 1
    assert "yaomai up" in done.stderr


def test_the_doctor_reports_json_and_fails_when_something_is_wrong(tmp_path: Path) -> None:
    done = yaomai("check", "--json", YAOMAI_DATA=str(tmp_path / "data"))
    reports = {report["code"]: report for report in json.loads(done.stdout)}
    assert done.returncode == 1
    assert reports["database_reachable"]["level"] == "fail"
    assert "yaomai up" in reports["database_reachable"]["mend"]
    assert reports["migrations_applied"]["level"] == "skipped"


def test_the_doctor_runs_one_check() -> None:
    done = yaomai("check", "--only", "python_version")
    assert done.returncode == 0
    assert done.stdout.count("✓") == 1
    assert yaomai("check", "--only", "nonsense").returncode == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FolderInUse(folder="/d", pid=7, command="yaomai up", since="now"), "/d"),
        (Damaged(file="b", member="database.dump"), "database.dump"),
        (Refusal("no"), "no"),
        (OSError(28, "No space left on device"), "满"),
        (PermissionError(13, "Permission denied", "/secret"), "/secret"),
        (psycopg.OperationalError("connection refused"), "connection refused"),
    ],
)
def test_known_errors_become_one_message(error: Exception, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    message = explained(error)
    assert message is not None
    assert words in message or (words == "满" and "full" in message)


@pytest.mark.django_db
def test_what_a_file_does_not_say_is_asked_for_in_terms_of_the_command(tmp_path: Path) -> None:
    file = tmp_path / "flow.csv"
    file.write_text(
        "日期,客户名称,产品名称,数量,金额\n2026-10-03,江城市第一人民医院,阿卡波糖片,10,1000\n", encoding="gbk"
    )
    with pytest.raises(Refusal, match=r"--set distributor=…"):
        work._import("commerce.flow", file, {}, {}, "", True, "", False)


def test_a_database_that_went_down_for_want_of_space_is_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YAOMAI_DATA", str(tmp_path))
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=10_000_000))
    told = explained(psycopg.OperationalError("server closed the connection unexpectedly"))
    assert told is not None and ("满" in told or "full" in told)


@pytest.mark.parametrize("cause", [psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction])
def test_a_database_that_cannot_be_written_is_said(cause: type[Exception]) -> None:
    """Django hides it behind an error of its own."""
    try:
        try:
            raise cause("permission denied for schema public\nLINE 1: CREATE TABLE")
        except cause as error:
            raise RuntimeError("Unable to create the django_migrations table") from error
    except RuntimeError as error:
        message = explained(error)
    assert message is not None and "DATABASE_URL" in message and message.endswith("permission denied for schema public")


@pytest.mark.parametrize(
    "url", ["mysql://u:geheim@h/x", "postgresql://u:geheim@h:abc/x", "postgresql://u:geheim@[::1/x"]
)
def test_an_address_that_is_none_is_said_without_its_password(url: str, tmp_path: Path) -> None:
    done = yaomai("audit", "verify", YAOMAI_DATA=str(tmp_path / "data"), DATABASE_URL=url)
    assert done.returncode == 1
    assert "postgresql://" in done.stderr and "Traceback" not in done.stderr and "geheim" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("YAOMAI_DATA", "{file}"),
        ("YAOMAI_DATA", "{file}/data"),
        ("YAOMAI_POOL", "many"),
        ("YAOMAI_POOL", "0"),
        ("YAOMAI_IDENTITY", "[1]"),
        ("YAOMAI_IDENTITY", "{"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, value: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    given = {"YAOMAI_DATA": str(tmp_path / "data"), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = yaomai("audit", "verify", **given | {name: value.replace("{file}", str(file))})
    assert done.returncode == 1
    assert name in done.stderr and "Traceback" not in done.stderr


def test_a_defect_stays_a_traceback() -> None:
    assert explained(KeyError("x")) is None
