"""Commands on the papers' numbers, our records and the claims."""

from pathlib import Path

from .command import Commands


def paper(args) -> None:
    from ..evidence import list_paper_tables, show_paper_table

    print(show_paper_table(args.table).to_string() if args.table else "\n".join(list_paper_tables()))


def records_list(args) -> None:
    from ..records import frame, local, measurements, published

    store = published() if args.published else local()
    found = [records for records in (frame(store.each()), measurements(store.each())) if len(records)]
    print("\n\n".join(records.to_string(index=False) for records in found) or f"no records in {store.root}")


def records_check(args) -> None:
    from ..records import BrokenRecord, Store
    from ..records.store import seal

    broken = 0
    for file in args.files:
        try:
            newly = args.seal and seal(file)
            Store(file.parent).read(file)
            print(f"{file}: {'sealed' if newly else 'sound'}")
        except BrokenRecord as fault:
            print(f"{fault}: BROKEN")
            broken += 1
    if broken:
        raise ValueError(f"{broken} of {len(args.files)} records are broken")


def records_publish(args) -> None:
    from ..errors import check_name
    from ..records import SCALES, local, published

    check_name("scale", args.scale, SCALES)
    records = local().all(args.page, args.scale)
    if not records:
        raise ValueError(f"no records of page {args.page!r} at scale {args.scale!r} in {local().root}")
    for record in records:
        print(published().write(record))


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
        "convscale records publish efficientnetv2/6-3-adaptive-regularization small",
    )
    publishing.add_argument("page")
    publishing.add_argument("scale")
