"""Speed of search at 1,000,000 institutions and 2,000,000 professionals on a PostgreSQL server.

Run: PYTHONPATH=src python benchmarks/search.py [--server URL] [--institutions N] [--professionals N] [--keep]

Makes the database yaomai_search_benchmark and drops it at the end.
"""

import argparse
import csv
import os
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

SHARED = Path(os.environ.get("YAOMAI_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
SEED = 20260701
REPEATED = 10
DATABASE = "yaomai_search_benchmark"
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂文辉玲志建国华玉兰春梅英红海燕鹏飞俊峰浩宇欣怡子轩雨涵思"
    "远晓东立新永康德胜家豪美琳佳慧雪莹天佑一诺嘉懿梓晨"
)


def institution_names(count: int) -> Iterator[str]:
    """Make names from the real kinds of name and the real divisions."""
    with (SHARED / "divisions" / "areas.csv").open(encoding="utf-8-sig") as stream:
        places = [row["name"] for row in csv.DictReader(stream)]
    real = (SHARED / "hospitals" / "known_hospital_names.txt").read_text(encoding="utf-8").split()
    chooser = random.Random(SEED)
    kinds = [
        "人民医院",
        "中医院",
        "妇幼保健院",
        "社区卫生服务中心",
        "中心卫生院",
        "第二人民医院",
        "大药房",
        "口腔门诊部",
    ]
    yield from real
    for _ in range(count - len(real)):
        given = "".join(chooser.choices(GIVEN, k=2))
        yield chooser.choice(places) + given + chooser.choice(kinds)


def professional_names(count: int) -> Iterator[str]:
    """Make names of two and three characters."""
    chooser = random.Random(SEED)
    for _ in range(count):
        yield chooser.choice(SURNAMES) + "".join(chooser.choices(GIVEN, k=chooser.choice((1, 2, 2))))


def define_models(server: str) -> dict[str, Any]:
    """Configure Django on the benchmark database and define two searchable models."""
    import django
    from django.conf import settings
    from django.db import models

    parameters = conninfo_to_dict(server)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": DATABASE,
                "HOST": parameters.get("host", ""),
                "PORT": str(parameters.get("port", "")),
                "USER": parameters.get("user", ""),
                "PASSWORD": parameters.get("password", ""),
            }
        },
        INSTALLED_APPS=["django.contrib.postgres"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    from yaomai.kit.search import SearchVectorField, search_index

    def searchable(label: str) -> Any:
        class Meta:
            app_label = "benchmark"
            db_table = label
            indexes = (
                models.Index(fields=["name", "id"], name=f"{label}_order"),
                search_index(f"{label}_search"),
            )

        fields = {"name": models.CharField(max_length=200), "search": SearchVectorField(null=True)}
        return type(label.title(), (models.Model,), {**fields, "__module__": __name__, "Meta": Meta})

    return {"institution": searchable("institution"), "professional": searchable("professional")}


def fill(model: Any, names: Iterator[str], count: int) -> tuple[float, float]:
    """Make the table of `count` rows, each name `REPEATED` times; give processor seconds for the lexemes of 30,000
    rows, and seconds for the whole.
    """
    from django.db import connection

    from yaomai.kit.search import vector

    started, lexemes = time.perf_counter(), 0.0
    indexes = list(model._meta.indexes)
    model._meta.indexes = []
    with connection.schema_editor() as editor:
        editor.create_model(model)
    copy = f"COPY {model._meta.db_table} (name, search) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        for name in names:
            before = time.process_time()
            row = (name, vector(name))
            lexemes += time.process_time() - before
            stream.write_row(row)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} (name, search) SELECT name, search FROM {model._meta.db_table},"
            f" generate_series(2, {REPEATED})"
        )
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.add_index(model, index)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
    return lexemes * REPEATED / count * 30_000, time.perf_counter() - started


def questions(model: Any, count: int) -> dict[str, list[str]]:
    """Take texts that are really in names, and some that are in none."""
    from yaomai.kit.search.readings import readings

    chooser = random.Random(SEED)
    chosen = chooser.sample(range(1, model.objects.count()), count)
    names = list(model.objects.filter(pk__in=chosen).values_list("name", flat=True))

    def part(name: str, length: int) -> str:
        start = chooser.randrange(max(1, len(name) - length + 1))
        return name[start : start + length]

    return {
        "1 character": [part(name, 1) for name in names],
        "2 characters": [part(name, 2) for name in names],
        "3 characters": [part(name, 3) for name in names],
        "4 characters": [part(name, 4) for name in names],
        "whole name": names,
        "initials (3)": ["".join(one[0][0] for one in readings(name[:3]) if one) for name in names],
        "pinyin (2)": ["".join(one[0] for one in readings(name[:2]) if one) for name in names],
        "in no name": ["".join(chooser.choices("囍鑫淼焱垚", k=2)) for _ in names],
    }


def _milliseconds(queryset: Any) -> float:
    """Time the statement alone, without compiling it or making objects."""
    from django.db import connection

    statement, parameters = queryset.query.sql_with_params()
    with connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(statement, parameters)
        cursor.fetchall()
        return 1000 * (time.perf_counter() - started)


def measure(model: Any, count: int) -> None:
    """Print the time in the server of the answer's first page, its number of rows, and both against plain rows."""
    from yaomai.kit.search import matching
    from yaomai.kit.search.tokens import runs

    keys = random.Random(SEED).sample(range(1, model.objects.count()), 50)
    baseline = statistics.median(_milliseconds(model.objects.filter(pk__in=keys)) for _ in range(count))
    print(f"{model._meta.db_table:<13} 50 rows by key: median {baseline:.1f} ms")
    for label, every in questions(model, count).items():
        texts = [text for text in every if runs(text)]
        times: list[float] = []
        rows: list[int] = []
        slowest = (0.0, "")
        for text in texts:
            page = matching(model.objects.all(), text)[:50]
            times.append(_milliseconds(page))
            rows.append(len(page))
            slowest = max(slowest, (times[-1], text))
        ordered = sorted(times)
        print(
            f"{model._meta.db_table:<13} {label:<14} median {statistics.median(times):>7.1f} ms   "
            f"p95 {ordered[int(0.95 * len(ordered))]:>7.1f} ms   worst {slowest[0]:>7.1f} ms ({slowest[1]})   "
            f"rows {statistics.mean(rows):>5.1f}   {statistics.median(times) / baseline:>5.1f} × the rows by key"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="postgresql://root@/postgres?host=/var/run/postgresql")
    parser.add_argument("--institutions", type=int, default=1_000_000)
    parser.add_argument("--professionals", type=int, default=2_000_000)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--keep", action="store_true", help="keep the database")
    parser.add_argument("--reuse", action="store_true", help="use the database that was kept")
    arguments = parser.parse_args()
    server = make_conninfo(arguments.server)
    if not arguments.reuse:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
            connection.execute(f"CREATE DATABASE {DATABASE} ENCODING 'UTF8' TEMPLATE template0")
    models = define_models(server)
    sources = {
        "institution": (institution_names, arguments.institutions),
        "professional": (professional_names, arguments.professionals),
    }
    try:
        for label, (source, count) in sources.items():
            if not arguments.reuse:
                lexemes, whole = fill(models[label], source(count // REPEATED), count)
                print(f"{label}: {count} rows in {whole:.0f} s; lexemes of 30,000 rows {lexemes:.1f} s of one core")
            measure(models[label], arguments.questions)
    finally:
        if not arguments.keep:
            from django.db import connection as used

            used.close()
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {DATABASE}")


if __name__ == "__main__":
    main()
