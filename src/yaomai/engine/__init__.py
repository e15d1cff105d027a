"""Decisions that follow from the numbers: pure functions over Ibis and Arrow tables, without Django or a database.

From sales lines to explained tiers:

    with connected("duckdb") as connection:
        lines = sales_lines(connection.read_parquet("lines.parquet"), {"customer": "institution_id"})
        metrics = customer_metrics(lines, as_of=as_of).to_pyarrow()
    results = evaluate(metrics, customers, list(default_schemes().values()), as_of=as_of)
    table, cutoffs = results["four_tiers"].table, results["four_tiers"].cutoffs
    why = explain(spec, cutoffs, table_row, inputs_of_the_customer)
    moves = compare(before, after, spec, amounts)

| module | question |
|---|---|
| `metrics` | what do customers buy? (`sales_lines`, `customer_metrics`) |
| `monthly` | the same from one file per month, at the cost of what changed (`MonthFile`, `monthly_metrics`) |
| `inputs`, `scorecards`, `schemes` | what is measured, how is it scored, which schemes do the documents give? |
| `consistency` | does a scheme make sense? (`scheme_problems`, `require_consistent`, `empty_tiers`) |
| `population`, `scoring` | who gets which score, rank and tier? (`evaluate`, `SchemeResult`, `CutOffs`) |
| `rfm` | recency, frequency and monetary scores (`rfm_table`) |
| `explain`, `wording` | why, and what would lift it? (`explain`, `explanation_text`) |
| `simulation` | who moves when a scheme changes? (`compare`, `sample`) |
| `customer_base` | what will each customer order, and is it lost? (`value`, `churn`) |
| `forecasting` | what will be sold, and how wrong was that before? (`forecast`) |
| `matching` | which record is meant by a dirty name? |
| `claims` | which lines of expenses look odd, and why? (`sweep`, `findings`, `line_scores`) |
| `backends`, `files`, `sources`, `cli` | engines, files, and the command `yaomai engine` |

Import from the modules; this package loads nothing by itself.
"""
