"""The command line: ``rig-or-rent compare | offers | refresh | app``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

# Installed, this file lies beside the packages `models` and `pricing`; its own folder comes before the
# reader's, where another `models` may live.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from models import __version__, compare, explain
from models.export import csv_text, json_text, records, write_whole
from pricing import find_offers, load_offers, refresh
from pricing.own_tables import copy_table
from views import further, question, terminal
from views.downloads import cash_flows_csv
from views.in_force import figures_in_force

cli = typer.Typer(
    name="rig-or-rent",
    help="Should you build an RTX 4090 workstation or rent cloud GPUs, for the work you really do?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"rig-or-rent {__version__}")
        raise typer.Exit


@cli.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


@cli.command("compare")
def compare_command(
    scenario: question.ScenarioFile = None,
    country: question.Country = None,
    settings: question.Settings = None,
    provider: question.Providers = None,
    region: question.Regions = None,
    term: question.Terms = None,
    against: question.Against = None,
    offer: question.OwnOffers = None,
    top: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Rows to show: 12 on the screen, all in CSV and JSON."),
    ] = None,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE|-", help="Write the table as CSV; - for the screen.")
    ] = None,
    cash_flows: Annotated[
        str | None,
        typer.Option(
            "--cash-flows",
            metavar="FILE|-",
            help="Write what is due in each month, by component, as CSV; - for the screen.",
        ),
    ] = None,
    flips: further.Flips = False,
    swings: further.Swings = False,
    draws: further.Draws = None,
    seed: further.Seed = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Compare building with renting: the verdict, and the options by their cost in today's money.

    Without options it answers the default question: 20 busy hours a week on an RTX 4090 for 36 months.
    """
    with _one_sentence():
        _refuse_both(csv, as_json)
        if cash_flows is not None and (as_json or "-" == csv == cash_flows):
            other = "--json" if as_json else "--csv -"
            raise ValueError(f"--cash-flows and {other}: ask for one of them, not for both")
        further.refuse_wrong_draws(draws, seed)
        if "-" in (csv, cash_flows) and (flips or swings or draws is not None):
            raise ValueError(
                "--flip-points, --tornado and --simulate stand beneath the answer or in --json: write the "
                "CSV to a file, not to the screen"
            )
        figures = figures_in_force()
        asked = question.changed(
            question.begun(scenario, country, figures), settings, provider, region, term, against, offer
        )
        offers = load_offers()
        answer = compare(asked, offers, figures)
        more = further.work_out(asked, offers, answer, flips=flips, swings=swings, draws=draws, seed=seed)
        rows = None if top is None else range(min(top, len(answer.table)))
        if as_json:
            typer.echo(further.document(more, answer, rows))
            return
        if csv not in (None, "-"):
            answer.to_csv(csv, rows)
        if cash_flows not in (None, "-"):
            write_whole(Path(cash_flows), cash_flows_csv(answer))
        if csv == "-":
            typer.echo(answer.to_csv(rows=rows), nl=False)
        elif cash_flows == "-":
            typer.echo(cash_flows_csv(answer), nl=False)
        else:
            terminal.show_comparison(answer, top or 12)
            further.show(more, answer)


@cli.command("offers")
def offers_command(
    table: Annotated[
        str | None,
        typer.Argument(metavar="[TABLE]", help="With --override: the table to copy, such as colab_rates."),
    ] = None,
    gpu: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this GPU, such as 'RTX 4090' or L4.")
    ] = None,
    vram_gb: Annotated[
        float, typer.Option(metavar="GB", help="Only GPUs with at least this much memory.")
    ] = 0.0,
    provider: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this provider. May be repeated.")
    ] = None,
    region: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this region. May be repeated.")
    ] = None,
    term: Annotated[
        list[str] | None,
        typer.Option(metavar="TERM", help=f"Only this way of buying. {question.ONE_OF_TERMS}"),
    ] = None,
    max_usd_per_hour: Annotated[
        float | None, typer.Option(metavar="USD", help="Only instances that cost at most this an hour.")
    ] = None,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE|-", help="Write the offers as CSV; - for the screen.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list and nothing else.")] = False,
    override: Annotated[
        bool,
        typer.Option(
            "--override",
            help="List the dated tables that a file of your own can replace, their age and place; with "
            "TABLE, copy that one there for editing.",
        ),
    ] = False,
) -> None:
    """List what can be rented, the cheapest instance first, with the date and source of each price."""
    with _one_sentence():
        _refuse_both(csv, as_json)
        if override:
            if csv is not None or as_json:
                raise ValueError("--override lists and copies tables; ask for --csv or --json without it")
            _override(table)
            return
        if table is not None:
            raise ValueError(f"{table!r} is a word too many; a table is named after --override only")
        found = find_offers(
            load_offers(),
            gpu=gpu or None,
            min_vram_gb=vram_gb,
            provider=provider or None,
            region=region or None,
            term=term or None,
            max_usd_per_hour=max_usd_per_hour,
        )
        if as_json:
            typer.echo(json_text(records(found)))
            return
        text = csv_text(found, [f"Rig or Rent {__version__}: offers, prices in USD, unknown = empty"])
        if csv == "-":
            typer.echo(text, nl=False)
            return
        if csv is not None:
            write_whole(Path(csv), text)
        terminal.show_offers(found)


@cli.command("refresh")
def refresh_command(
    provider: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Ask only this provider. May be repeated.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Ask only for this region, instead of the usual ones. May be repeated."
        ),
    ] = None,
    aws_source: Annotated[
        str,
        typer.Option(
            metavar="feed|bulk",
            help="AWS: the small documents behind its price pages, or its whole price list, which is large "
            "and holds reservations and savings plans too.",
        ),
    ] = "feed",
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Take over also what is held back: where half of the offers would vanish, or a price would "
            "move by more than a factor of 5.",
        ),
    ] = False,
) -> None:
    """Replace the bundled prices by today's official ones, provider by provider.

    AWS and Azure need no key. Google Cloud needs one in RIG_OR_RENT_GCP_API_KEY, and is skipped without. The
    exit code is 1 if a provider failed or was held back; its last good prices stay.
    """
    with _one_sentence():
        try:
            with terminal.bars() as show:
                report = refresh(provider, region, force=force, aws_source=aws_source, progress=show)
        except KeyboardInterrupt:
            typer.echo(
                "rig-or-rent: stopped; what was not refreshed yet keeps its last good prices", err=True
            )
            raise typer.Exit(130) from None
        terminal.show_report(report)
    raise typer.Exit(0 if report.ok else 1)


@cli.command("app")
def app_command(
    port: Annotated[
        int, typer.Option(metavar="N", min=1, max=65535, help="Port of the page on this machine.")
    ] = 8501,
) -> None:
    """Open the page in the browser; Ctrl+C ends it."""
    from streamlit.web import cli as streamlit

    page = Path(__file__).resolve().parent / "app.py"
    flags = {
        "server.port": str(port),
        # Only this machine sees the page, and Streamlit looks up no address on the internet to show.
        "server.address": "localhost",
        "server.fileWatcherType": "none",
        "server.showEmailPrompt": "false",
        "browser.gatherUsageStats": "false",
        # As in .streamlit/config.toml, which is not there outside a checkout.
        "client.toolbarMode": "minimal",
        "theme.light.primaryColor": "#1F83C4",
        "theme.dark.primaryColor": "#1F83C4",
    }
    sys.argv = ["streamlit", "run", str(page), *(f"--{name}={value}" for name, value in flags.items())]
    streamlit.main()


def main() -> None:
    """Run the command line."""
    cli()


def _override(table: str | None) -> None:
    if table is None:
        terminal.show_tables()
    else:
        terminal.show_copied(table, copy_table(table))


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Turn what the reader got wrong into one sentence and exit code 2."""
    try:
        yield
    except ValueError as error:
        _refuse(explain(error))
    except OSError as error:
        _refuse(f"{error.filename}: {error.strerror}")


def _refuse(sentence: str) -> NoReturn:
    typer.echo(f"rig-or-rent: {sentence}", err=True)
    raise typer.Exit(2)


def _refuse_both(csv: str | None, as_json: bool) -> None:
    if csv is not None and as_json:
        raise ValueError("--csv and --json: ask for one of them, not for both")


if __name__ == "__main__":
    main()
