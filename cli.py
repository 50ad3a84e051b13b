"""The command line: ``rig-or-rent compare | offers | refresh | app``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import pandas as pd
import typer
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars
from rich.table import Table

# Installed, this file lies beside the packages `models` and `pricing`; its own folder comes before the
# reader's, where another `models` may live.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from models import Comparison, Scenario, __version__, compare, explain
from models.export import csv_text, json_text, records, write_whole
from models.scenario import TERMS
from models.verdict import provider_name
from pricing import (
    Progress,
    RefreshReport,
    find_offers,
    load_offers,
    price_ages,
    price_problems,
    price_status,
    refresh,
)
from views.downloads import cash_flows_csv
from views.words import measure

OFFERS_SHOWN = 40
ONE_OF_TERMS = f"One of {', '.join(TERMS)}."

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
    scenario: Annotated[
        Path | None,
        typer.Option("--scenario", metavar="FILE", help="A scenario as TOML, or JSON by its ending."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Change one field, such as workload.busy_hours_per_week=40. May be repeated.",
        ),
    ] = None,
    provider: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Consider only this provider. May be repeated.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Consider only this region or continent: us-east-1, europe. May be repeated."
        ),
    ] = None,
    term: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TERM", help=f"Consider only this way of buying. {ONE_OF_TERMS} May be repeated."
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Compare with this provider's cheapest offer, or with 'cheapest'."),
    ] = None,
    offer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE,...",
            help='A rate of your own, such as gpu="RTX 4090",usd_per_hour=0.45,access=container. Repeatable.',
        ),
    ] = None,
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
        question = _question(scenario, settings or [], provider, region, term, against, offer or [])
        answer = compare(question, load_offers())
        rows = None if top is None else range(min(top, len(answer.table)))
        if as_json:
            typer.echo(answer.to_json(rows))
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
            _show_comparison(answer, top or 12)


@cli.command("offers")
def offers_command(
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
        list[str] | None, typer.Option(metavar="TERM", help=f"Only this way of buying. {ONE_OF_TERMS}")
    ] = None,
    max_usd_per_hour: Annotated[
        float | None, typer.Option(metavar="USD", help="Only instances that cost at most this an hour.")
    ] = None,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE|-", help="Write the offers as CSV; - for the screen.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list and nothing else.")] = False,
) -> None:
    """List what can be rented, the cheapest instance first, with the date and source of each price."""
    with _one_sentence():
        _refuse_both(csv, as_json)
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
        _show_offers(found)


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
            with _bars() as show:
                report = refresh(provider, region, force=force, aws_source=aws_source, progress=show)
        except KeyboardInterrupt:
            typer.echo(
                "rig-or-rent: stopped; what was not refreshed yet keeps its last good prices", err=True
            )
            raise typer.Exit(130) from None
        _show_report(report)
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


def _question(
    file: Path | None,
    settings: list[str],
    provider: list[str] | None,
    region: list[str] | None,
    term: list[str] | None,
    against: str | None,
    offers: list[str],
) -> Scenario:
    """The scenario of a file, changed by ``--set`` and then by the options that have names of their own."""
    scenario = _read_scenario(file) if file else Scenario()
    scenario = scenario.with_settings(dict(_pair("--set", text) for text in settings))
    rental = scenario.rental.model_dump()
    if provider:
        rental["providers"] = provider
    if region:
        rental["regions"] = region
    if term:
        rental["terms"] = term
    if against:
        rental["against"] = against
    for number, text in enumerate(offers, start=1):
        own = dict(_pair("--offer", field) for field in text.split(","))
        rental["own_offers"] = (*rental["own_offers"], {"name": f"own rate {number}", **own})
    return Scenario.model_validate({**scenario.model_dump(), "rental": rental})


def _read_scenario(file: Path) -> Scenario:
    text = file.read_text(encoding="utf-8")
    return Scenario.model_validate_json(text) if file.suffix == ".json" else Scenario.from_toml(text)


def _pair(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"{option}: {text!r} is not of the form FIELD=VALUE")
    return name.strip(), value.strip().strip('"')


def _show_comparison(answer: Comparison, rows: int) -> None:
    console = _console()
    first, *others = answer.verdict
    console.print(first, style="bold", soft_wrap=True)
    for sentence in others:
        console.print(sentence, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("option", "GPU", "today", "a month", "a useful hour", "pays back", "flips at"):
        table.add_column(
            heading, justify="left" if heading in ("option", "GPU") else "right", overflow="fold"
        )
    for row in answer.table.head(rows).to_dict("records"):
        table.add_row(
            row["option"],
            row["gpu"],
            _usd(row["present_value_usd"], 0),
            _usd(row["monthly_usd"], 0),
            _usd(row["usd_per_useful_hour"], 2),
            _number(row["break_even_months"], "{:.0f} months"),
            _number(row["break_even_hours_per_week"], "{:.1f} h a week"),
        )
    console.print()
    console.print(table)
    if len(answer.measures):
        console.print(_measures(answer), soft_wrap=True, markup=False)
    console.print(
        f"{len(answer.table)} options, {answer.table['considered'].sum()} considered; "
        f"snapshot {answer.snapshot_id}; --csv FILE or --json for all columns.",
        soft_wrap=True,
    )
    for note in answer.judgement.notes:
        console.print(note, style="dim", soft_wrap=True)
    status = price_status()
    problems = price_problems(status)
    said = [
        "; ".join((f"{provider_name(provider)} {age}", *problems.get(provider, ())))
        for provider, age in price_ages(status, date.today()).items()
    ]
    console.print(f"Prices: {'; '.join(said).rstrip('.')}.", style="dim", soft_wrap=True, markup=False)


def _measures(answer: Comparison) -> str:
    """The build against the compared rental in one line: payback, rate of return, cost of a useful hour."""
    said = {name: measure(value, unit) for name, unit, value in answer.measures.itertuples(index=False)}
    against = answer.labels[str(answer.break_even["against"])]
    return (
        f"Building in place of {against}: simple payback {said['simple payback']}, rate of return "
        f"{said['internal rate of return']}, levelised cost {said['levelised cost, build']} against "
        f"{said['levelised cost, rental']}."
    )


@contextmanager
def _bars() -> Iterator[Callable[[Progress], None]]:
    """A bar for each provider on the terminal; what is not a terminal gets nothing."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[size]}"),
    )
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks = {}

        def show(now: Progress) -> None:
            if now.provider not in tasks:
                name = provider_name(now.provider)
                tasks[now.provider] = bars.add_task(name, total=now.regions, size="")
            size = decimal(now.received_bytes) if now.received_bytes else ""
            bars.update(tasks[now.provider], completed=now.regions_done, size=size)

        yield show


def _show_report(report: RefreshReport) -> None:
    console = _console()
    for result in report.results:
        outcome = result.outcome.replace("_", " ")
        left_out = f" GPU types that are not known here, left out: {', '.join(result.left_out)}."
        console.print(
            f"{result.provider} {result.region}: {outcome}: {result.sentence}"
            + (left_out if result.left_out else ""),
            soft_wrap=True,
            markup=False,
        )


def _show_offers(found: pd.DataFrame) -> None:
    console = _console()
    if found.empty:
        console.print("No offer matches.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    numbers = {"GPUs", "GB each", "USD an hour"}
    for heading in (
        "provider",
        "instance",
        "GPU",
        "GPUs",
        "GB each",
        "region",
        "term",
        "USD an hour",
        "as of",
    ):
        table.add_column(heading, justify="right" if heading in numbers else "left", overflow="fold")
    for row in found.head(OFFERS_SHOWN).to_dict("records"):
        table.add_row(
            row["provider"],
            row["instance_type"],
            row["gpu"],
            f"{row['gpu_count']:g}",
            f"{row['vram_gb']:g}",
            row["region"],
            row["term"],
            f"{row['usd_per_hour']:.4f}",
            row["as_of"],
        )
    console.print(table)
    shown = min(len(found), OFFERS_SHOWN)
    console.print(f"{shown} of {len(found)} offers; --csv FILE or --json for all, with their sources.")


def _console() -> Console:
    """A terminal as wide as it is; a pipe gets lines that are not folded."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def _usd(amount: float, decimals: int) -> str:
    return _number(amount, f"${{:,.{decimals}f}}").replace("$-", "-$")


def _number(value: float, form: str) -> str:
    if pd.isna(value):
        return ""
    return "never" if value == float("inf") else form.format(value)


if __name__ == "__main__":
    main()
