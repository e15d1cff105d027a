"""`yaomai engine …`: the decision engine on files, without server, database or Django."""

import typer

from yaomai.words import _

app = typer.Typer(add_completion=False)


@app.command(
    help=_("Score, tier and match customers in CSV, Excel or Parquet files; needs no server."),
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def engine(context: typer.Context) -> None:
    from yaomai.engine.cli import app as engine_app
    from yaomai.words import in_words

    in_words(engine_app, args=context.args, prog_name="yaomai engine")
