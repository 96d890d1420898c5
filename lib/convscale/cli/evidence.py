"""Commands on the papers' numbers, our records and the claims."""

from pathlib import Path

from .command import Commands


def paper_show(args) -> None:
    from ..evidence.paper import list_paper_tables, show_paper_table

    print(show_paper_table(args.table).to_string() if args.table else "\n".join(list_paper_tables()))


def records_list(args) -> None:
    from ..evidence.records import frame, local, measurements, published

    store = published() if args.published else local()
    tables = [table for table in (frame(store.each()), measurements(store.each())) if len(table)]
    print("\n\n".join(table.to_string(index=False) for table in tables) or f"no records in {store.root}")


def records_check(args) -> None:
    from ..evidence.records import BrokenRecord, Store

    broken = 0
    for file in args.files:
        try:
            Store(file.parent).read(file)
            print(f"{file}: sound")
        except BrokenRecord as fault:
            print(f"{fault}: BROKEN")
            broken += 1
    if broken:
        raise ValueError(f"{broken} of {len(args.files)} records are broken")


def records_seal(args) -> None:
    from ..evidence.records import seal

    for file in args.files:
        print(f"{file}: {'sealed' if seal(file) else 'was sealed already'}")


def records_publish(args) -> None:
    from ..errors import check_name
    from ..evidence.records import SCALES, local, published

    check_name("scale", args.scale, SCALES)
    records = local().all(args.page, args.scale)
    if not records:
        raise ValueError(f"no records of page {args.page!r} at scale {args.scale!r} in {local().root}")
    for record in records:
        print(published().write(record))


def claims(args) -> None:
    from ..evidence.claims import summary

    table = summary(kind=args.kind, paper=args.paper, verdict=args.verdict, page=args.page)
    for claim in table.itertuples():
        print(f"{claim.verdict:15} {claim.id}: {claim.statement} ({claim.why})")
    counts = table["verdict"].value_counts()
    print(f"{len(table)} claims: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))


def add(commands: Commands) -> None:
    printed = commands.add("paper", paper_show, "a table as the paper prints it", "convscale paper v2:13")
    printed.add_argument("table", nargs="?", help="e.g. v2:13; without it, the names of all tables")

    records = commands.group("records", "list, check and publish the records of runs")
    listing = records.add("list", records_list, "records of this machine", "convscale records list --published")
    listing.add_argument("--published", action="store_true", help="those in data/records instead")
    check = records.add(
        "check", records_check, "check records, e.g. before offering them", "convscale records check run.json"
    )
    check.add_argument("files", nargs="+", type=Path)
    sealing = records.add(
        "seal", records_seal, "vouch for records that were changed by hand", "convscale records seal run.json"
    )
    sealing.add_argument("files", nargs="+", type=Path)
    publishing = records.add(
        "publish",
        records_publish,
        "copy this machine's records to data/records",
        "convscale records publish efficientnetv2/6-3-adaptive-regularization small",
    )
    publishing.add_argument("page")
    publishing.add_argument("scale")

    listed = commands.add("claims", claims, "the verdict on every claim", "convscale claims --verdict 'not run'")
    for name in ("kind", "paper", "verdict", "page"):
        listed.add_argument(f"--{name}")
