"""Commands on the pages of the book."""

from pathlib import Path

from ..errors import Preempted, check_name
from .command import Commands, parameters, takes_parameters


def page_run(args) -> None:
    from ..pages.sources import parameters_of, read_cells, sources

    if args.name is None:
        print("\n".join(sources()))
        return
    check_name("page", args.name, sources())
    given = parameters(args.parameters)
    for parameter in given:
        check_name("page parameter", parameter, parameters_of(read_cells(args.name)))
    from papermill.exceptions import PapermillExecutionError

    from ..pages.notebook import run_page

    output = args.output or Path("runs/pages") / f"{args.name}.ipynb"
    try:
        print(run_page(args.name, output, given))
    except PapermillExecutionError as error:
        where = output.with_suffix(".partial.ipynb")
        raised = Preempted if error.ename == Preempted.__name__ else RuntimeError
        raise raised(f"{error.ename}: {error.evalue}\n(the page up to there, with the traceback: {where})") from None


def page_publish(args) -> None:
    from ..pages.sources import sources
    from ..paths import checkout

    for name in args.names:
        check_name("page", name, sources())
    from ..pages.notebook import run_page

    for name in args.names or sources():
        print(run_page(name, checkout() / "book" / f"{name}.ipynb", {}))


def book(args) -> None:
    given = parameters(args.parameters)
    from ..pages.book import make_book

    print(f"open {make_book(given)}")


def add(commands: Commands) -> None:
    page = commands.group("page", "run and publish pages of the book")
    run = page.add(
        "run",
        page_run,
        "execute a page on this machine; without a name, the names of all",
        "convscale page run efficientnetv2/6-3-adaptive-regularization -p scale=small",
    )
    run.add_argument("name", nargs="?")
    takes_parameters(run)
    run.add_argument(
        "-o",
        dest="output",
        type=Path,
        help="notebook to write (default runs/pages/<name>.ipynb)",
    )
    publish = page.add(
        "publish", page_publish, "execute pages with their defaults into book/", "convscale page publish"
    )
    publish.add_argument("names", nargs="*", help="default: all pages")
    build = commands.add("book", book, "run every page here and build the HTML", "convscale book -p scale=smoke")
    takes_parameters(build)
