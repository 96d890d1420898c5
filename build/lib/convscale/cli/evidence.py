"""Commands on the papers' numbers, our records and the claims."""

import sys
from pathlib import Path

from .command import Commands


def paper(args) -> None:
    from ..evidence import list_paper_tables, show_paper_table

    print(show_paper_table(args.table).to_string() if args.table else "\n".join(list_paper_tables()))


def records_list(args) -> None:
    from ..records import frame, local, measurements, published

    store = published() if args.published else local()
    tables = (frame(store.runs()), measurements(store.measurements()))
    found = [records.to_string(index=False) for records in tables if len(records)]
    print("\n\n".join(found) or f"no records in {store.root}")


def records_check(args) -> None:
    from ..records import BrokenRecord, Store, concerns
    from ..records.store import seal

    broken, sound = 0, []
    for file in args.files:
        try:
            newly = args.seal and seal(file)
            sound.append(Store(file.parent).read(file))
            print(f"{file}: {'sealed' if newly else 'sound'}")
        except BrokenRecord as fault:
            print(f"{fault}: BROKEN")
            broken += 1
    for concern in concerns(sound):
        print(concern)
    if broken:
        raise ValueError(f"{broken} of {len(args.files)} records are broken")


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
        print(f"{have} of {whole} runs are published: nothing is computed until all are there")


def claims(args) -> None:
    from ..evidence.claims import claim_of

    if args.id:
        claim_of(args.id)
    from ..evidence.judging import summary

    table = summary(id=args.id, kind=args.kind, paper=args.paper, verdict=args.verdict, page=args.page)
    if args.id:
        for name, value in table.iloc[0].items():
            print(f"{name:10} {value}")
        return
    for claim in table.itertuples():
        found = [part for part in (claim.estimate, claim.evidence, claim.why) if part not in ("", "-")]
        print(f"{claim.verdict:18} {claim.id}: {claim.statement} ({'; '.join(found)})")
    counts = table["verdict"].value_counts()
    print(f"{len(table)} claims: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))


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
    for name in ("kind", "paper", "verdict", "page"):
        listed.add_argument(f"--{name}")

    records = commands.group("records", "list, check and publish the records of runs")
    listing = records.add("list", records_list, "records of this machine", "convscale records list --published")
    listing.add_argument("--published", action="store_true", help="those in data/records instead")
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
