"""Commands on the papers' numbers, our records and the claims."""

import sys
from pathlib import Path
from shutil import get_terminal_size
from textwrap import fill

from ..evidence.names import KINDS, PAPERS
from ..evidence.verdict import VERDICTS
from ..words import plural
from .command import Commands

VERDICT_WIDTH = 2 + max(map(len, VERDICTS))  # of a column
# Columns of `records list`, by their heading with its unit: field of the frame, format, and characters at most, so that
# a line has 100 at most.
RUNS = {
    "key": ("key", str, 16),
    "network": ("model", str, 22),
    "data set": ("dataset", str, 12),
    "seed": ("seed", "{:d}".format, 4),
    "top-1 (%)": ("test_top1", "{:.1f}".format, 9),
    "core-min": ("cpu_minutes", "{:.1f}".format, 8),
    "date": ("date", str, 10),
}
MEASUREMENTS = {
    "key": ("key", str, 16),
    "table": ("table", str, 5),
    "row": ("row", str, 20),
    "quantity": ("quantity", str, 20),
    "value": ("value", "{:.4g}".format, 8),
    "unit": ("unit", str, 8),
    "date": ("date", str, 10),
}


def paper(args) -> None:
    from ..evidence import list_paper_tables, show_paper_table

    print(show_paper_table(args.table).to_string() if args.table else "\n".join(list_paper_tables()))


def records_list(args) -> None:
    from ..records import frame, local, measurements, published

    store = published() if args.published else local()
    if args.csv:
        table = frame(store.runs()) if args.csv == "runs" else measurements(store.measurements())
        print(table.to_csv(index=False), end="")
        return
    runs, measured = frame(store.runs()), measurements(store.measurements())
    if len(runs):
        runs["cpu_minutes"] = runs["cpu_seconds"] / 60
    found = [narrow(table, columns) for table, columns in ((runs, RUNS), (measured, MEASUREMENTS)) if len(table)]
    print("\n\n".join(found) or f"no records in {store.root}")


def narrow(table, columns: dict) -> str:
    """Some columns of a frame as text, each no wider than it says; --csv has all."""
    shown = {heading: table[field].map(form).str.slice(0, width) for heading, (field, form, width) in columns.items()}
    return type(table)(shown).to_string(index=False)


def records_check(args) -> None:
    from ..records import BrokenRecord, Store, concerns
    from ..records.schema import NewerRecord
    from ..records.store import seal

    broken, sound = 0, []
    for file in args.files:
        try:
            newly = args.seal and seal(file)
            sound.append(Store(file.parent).read(file))
            print(f"{file}: {'sealed' if newly else 'sound'}")
        except NewerRecord as fault:
            print(fault)
        except BrokenRecord as fault:
            print(f"{fault}: BROKEN")
            broken += 1
    for concern in concerns(sound):
        print(concern)
    if broken:
        raise ValueError(f"broken: {broken} of {plural(len(args.files), 'record')}")


def agreed(question: str) -> bool:
    """Whether a person at the terminal says yes; without a terminal nobody does."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def accept(found: list[str], despite: bool) -> None:
    """Print the concerns about records. Raises ValueError unless there are none or a person takes them on."""
    for concern in found:
        print(concern)
    if found and not despite and not agreed("Publish them all the same?"):
        raise ValueError("nothing is published: make the runs again with committed code, or add --despite-concerns")


def records_publish(args) -> None:
    from ..records import concerns, local, published

    mine, theirs = local(), published()
    if ":" in args.name:  # a table of speeds
        found = list(mine.measurements(args.name))
        what = f"measurements of {args.name}"
    else:
        from ..experiments.registry import get, records_of

        if args.scale is None:
            raise ValueError(f"publish {args.name} at which scale? e.g. `convscale records publish {args.name} small`")
        sweep = get(args.name, args.scale)
        found = records_of(sweep, mine)
        whole = len(sweep.jobs)
        what = f"runs of {sweep.name} at scale {sweep.scale!r}"
    if not found:
        raise ValueError(f"no {what} in {mine.root}")
    accept(concerns(found), args.despite_concerns)
    for record in found:
        print(theirs.write(record))
    if ":" not in args.name and (have := len(records_of(sweep, theirs))) < whole:
        print(f"published: {have} of {plural(whole, 'run')}; nothing is computed until all are there")


def claims(args) -> None:
    from ..evidence.claims import claim_of

    if args.id:
        claim_of(args.id)
    from ..evidence.judging import summary

    table = summary(id=args.id, kind=args.kind, paper=args.paper, verdict=args.verdict, page=args.page)
    if args.json or args.csv:
        print(table.to_json(orient="records", indent=1) if args.json else table.to_csv(index=False).rstrip())
        return
    width = get_terminal_size().columns
    if args.id:
        for name, value in table.iloc[0].dropna().items():
            if value in ("", "-"):
                continue
            print(fill(f"{name:10} {value}", width, subsequent_indent=" " * 11, break_on_hyphens=False))
        return
    for claim in table.itertuples():
        print(f"{claim.verdict:{VERDICT_WIDTH}}{claim.id}")
        found = [part for part in (claim.estimate, claim.evidence, claim.why) if part not in ("", "-")]
        for text in (claim.statement, "; ".join(found)):
            indent = " " * VERDICT_WIDTH
            print(fill(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False))
    counts = table["verdict"].value_counts()
    total = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    print(fill(f"{plural(len(table), 'claim')}: {total}", width))


def add(commands: Commands) -> None:
    printed = commands.add(
        "paper", paper, "a table as the paper prints it; without one, all names", "convscale paper v2:13"
    )
    printed.add_argument("table", nargs="?", help="e.g. v2:13")

    listed = commands.add(
        "claims",
        claims,
        "the verdict on every claim, or all of one",
        "convscale claims --verdict 'not run'",
    )
    listed.add_argument("id", nargs="?", help="one claim")
    listed.add_argument("--kind", help=f"only {', '.join(KINDS)}")
    listed.add_argument("--paper", help="only " + ", ".join(f"{short} ({long})" for short, (long, _) in PAPERS.items()))
    listed.add_argument("--verdict", help=f"only {', '.join(VERDICTS)}".replace("%", "%%"))
    listed.add_argument("--page", help="only those of a page, e.g. efficientnetv2/6-3-adaptive-regularization")
    form = listed.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="all that is known of each, as JSON")
    form.add_argument("--csv", action="store_true", help="the same as CSV")

    records = commands.group("records", "list, check and publish the records of runs")
    listing = records.add("list", records_list, "records of this machine", "convscale records list --published")
    listing.add_argument("--published", action="store_true", help="those in data/records instead")
    listing.add_argument("--csv", choices=("runs", "measurements"), help="every column of these, as CSV")
    check = records.add(
        "check", records_check, "check records, e.g. before offering them", "convscale records check run.json"
    )
    check.add_argument("files", nargs="+", type=Path)
    check.add_argument("--seal", action="store_true", help="vouch for what was changed by hand")
    publishing = records.add(
        "publish",
        records_publish,
        "copy this machine's records to data/records",
        "convscale records publish v2_table13 small",
    )
    publishing.add_argument("name", help="an experiment, or a table of speeds such as v2:11")
    publishing.add_argument("scale", nargs="?", help="of the experiment")
    publishing.add_argument(
        "--despite-concerns", action="store_true", help="also records of changed, unknown or different code, unasked"
    )
