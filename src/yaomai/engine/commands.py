"""What `yaomai engine` does, apart from `cli`, which must answer `--help` without loading any of this."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import typer
import yaml
from rich.console import Console

from yaomai.engine.backends import arrow_table, connected
from yaomai.engine.consistency import require_consistent
from yaomai.engine.console import Dates, Engine, Language, say
from yaomai.engine.explain import explain
from yaomai.engine.files import require_writable, write_table
from yaomai.engine.metrics import customer_metrics, sales_lines
from yaomai.engine.population import Population
from yaomai.engine.rfm import rfm_table
from yaomai.engine.schemes import default_schemes, load_scheme
from yaomai.engine.scorecards import SchemeSpec
from yaomai.engine.scoring import SchemeResult, evaluate_population
from yaomai.engine.sources import (
    LINE_COLUMNS,
    SalesFile,
    SourceProblem,
    attribute_names,
    parse_mapping,
    read_customers,
    read_sales,
    same_keys,
)
from yaomai.engine.wording import explanation_text
from yaomai.spellings import DayOrder, NotReadable, day

_EXPLAIN_BATCH = 20_000


def rfm(
    *,
    file: Path,
    output: Path,
    customer: str,
    date_column: str,
    amount: str,
    language: Language,
    as_of: str | None,
    bins: int,
    dates: Dates | None,
    sheet: str | None,
    skip_incomplete: bool,
    engine: Engine,
) -> None:
    """Score customers by recency, frequency and money."""
    require_writable(output, inputs=(file,))
    mapping = {"customer": customer, "date": date_column, "amount": amount}
    sales = read_sales(file, mapping, sheet=sheet, order=_order(dates), skip_incomplete=skip_incomplete)
    when = _day(as_of, sales, file)
    table = rfm_table(_metrics(sales.lines, when, engine, file), bins=bins)
    write_table(table, output)
    _done(table, when, sales, output, language)


def tier(
    *,
    file: Path,
    output: Path,
    mapping: str,
    scheme: str,
    language: Language,
    customers: Path | None,
    as_of: str | None,
    dates: Dates | None,
    sheet: str | None,
    customers_sheet: str | None,
    skip_incomplete: bool,
    engine: Engine,
) -> None:
    """Rank customers and put each into a tier of a scheme, with the reason."""
    require_writable(output, inputs=(file, customers))
    spec = _scheme(scheme)
    columns = parse_mapping(mapping, (*LINE_COLUMNS, *attribute_names([spec])))
    of_lines = {name: column for name, column in columns.items() if name in LINE_COLUMNS}
    sales = read_sales(file, of_lines, sheet=sheet, order=_order(dates), skip_incomplete=skip_incomplete)
    when, lines, master = _day(as_of, sales, file), sales.lines, None
    if customers is not None:
        of_customers = {name: column for name, column in columns.items() if name not in LINE_COLUMNS}
        master = read_customers(
            customers,
            customer_column=columns["customer"],
            mapping=of_customers,
            specs=[spec],
            sheet=customers_sheet,
        )
        lines, master = same_keys(lines, master)
    population = Population(_metrics(lines, when, engine, file), master)
    result = evaluate_population(population, [spec], as_of=when)[spec.name]
    table = _tier_table(result, population, language)
    write_table(table, output)
    _done(table, when, sales, output, language)


def schemes(*, language: Language, name: str | None) -> None:
    """List the schemes, or print one as YAML."""
    if name is None:
        for spec in default_schemes().values():
            tiers = " / ".join(tier.label.in_language(language) for tier in spec.tiers)
            typer.echo(f"{spec.name:28}{spec.label.in_language(language)}: {tiers}  [{spec.origin}]")
        return
    content = _scheme(name).model_dump(mode="json", exclude_defaults=True)
    typer.echo(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), nl=False)


def _metrics(lines: pa.Table, as_of: date, engine: Engine, file: Path) -> pa.Table:
    with (
        Console(stderr=True).status(f"{file.name}: {lines.num_rows:,}"),
        TemporaryDirectory(prefix="yaomai-engine-") as folder,
        connected(engine.value) as connection,
    ):
        table = sales_lines(arrow_table(connection, lines, folder, "lines"))
        metrics: pa.Table = customer_metrics(table, as_of=as_of).to_pyarrow()
    if not metrics.num_rows:
        raise SourceProblem("no_lines", file=file, as_of=as_of)
    return metrics


def _day(text: str | None, sales: SalesFile, file: Path) -> date:
    if text is None:
        if sales.last_day is None:
            raise SourceProblem("no_lines", file=file, as_of="")
        return sales.last_day
    try:
        found = day(text)
    except NotReadable:
        found = None
    if found is None:
        raise SourceProblem("as_of", text=text)
    return found


def _order(dates: Dates | None) -> DayOrder:
    return DayOrder.UNKNOWN if dates is None else DayOrder(dates.value.replace("-", "_"))


def _scheme(name: str) -> SchemeSpec:
    schemes = default_schemes()
    if name in schemes:
        return schemes[name]
    if Path(name).suffix.lower() not in (".yaml", ".yml"):
        raise SourceProblem("scheme_unknown", name=name, names=", ".join(schemes))
    spec = load_scheme(name)
    require_consistent(spec)
    return spec


def _tier_table(result: SchemeResult, population: Population, language: Language) -> pa.Table:
    order = pc.sort_indices(result.table, sort_keys=[("rank", "ascending")])
    table = result.table.take(order)
    texts = [
        explanation_text(explain(result.spec, result.cutoffs, row, inputs), language)
        for row, inputs in _rows(table, population.inputs(result.spec.input_names()).take(order))
    ]
    return pa.table(
        {
            "customer": table.column("customer"),
            "tier": table.column("tier").cast(pa.string()),
            "score": table.column("score"),
            "rank": table.column("rank"),
            "explanation": pa.array(texts, pa.string()),
        }
    )


def _rows(table: pa.Table, inputs: pa.Table) -> Iterator[tuple[Mapping[str, object], Mapping[str, object]]]:
    for start in range(0, table.num_rows, _EXPLAIN_BATCH):
        rows = table.slice(start, _EXPLAIN_BATCH).to_pylist()
        yield from zip(rows, inputs.slice(start, _EXPLAIN_BATCH).to_pylist(), strict=True)


def _done(table: pa.Table, as_of: date, sales: SalesFile, output: Path, language: Language) -> None:
    if sales.totals:
        say(language, f"略过 {sales.totals:,} 行合计和备注", f"Left out {sales.totals:,} rows of totals and notes")
    if sales.skipped:
        say(
            language,
            f"略过 {sales.skipped:,} 行：没有客户、日期或金额",
            f"Left out {sales.skipped:,} rows without customer, date or amount",
        )
    say(
        language,
        f"{table.num_rows:,} 个客户，截至 {as_of} → {output}",
        f"{table.num_rows:,} customers as of {as_of} → {output}",
    )
