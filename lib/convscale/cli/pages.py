"""Commands on the pages of the book."""

from importlib.util import find_spec
from pathlib import Path

from ..errors import check_name
from .command import Commands, parameters, takes_parameters

JUPYTER = {"papermill": "papermill", "jupytext": "jupytext", "ipykernel": "ipykernel"}  # module -> package
BOOK = JUPYTER | {"jupyter_book": "jupyter-book"}


def check_installed(packages: dict[str, str]) -> None:
    """Raise RuntimeError, with the remedy, where one is missing: machines that only train need none of them."""
    if missing := [package for module, package in packages.items() if find_spec(module) is None]:
        raise RuntimeError(
            f"pages need {' and '.join(missing)}: pip install -e '.[book]' in the clone. "
            "`convscale experiment run` makes the same runs without a page"
        )


def page_run(args) -> None:
    from ..pages.parameters import check_parameters
    from ..pages.sources import sources

    if args.name is None:
        if args.parameters or args.output:
            raise ValueError("run which page? `convscale page run` alone lists them")
        print("\n".join(sources()))
        return
    check_name("page", args.name, sources())
    given = parameters(args.parameters)
    check_parameters(args.name, given)
    check_installed(JUPYTER)
    from ..pages.notebook import run_page

    print(run_page(args.name, args.output or Path("runs/pages") / f"{args.name}.ipynb", given))


def page_publish(args) -> None:
    from ..pages.sources import sources
    from ..paths import checkout

    for name in args.names:
        check_name("page", name, sources())
    check_installed(JUPYTER)
    from ..pages.book import one_thread
    from ..pages.notebook import read_page, run_page

    names = args.names or list(sources())
    for name in names:
        read_page(name)  # what is wrong in the last one is said before the first is run
    one_thread()  # as `convscale book` and the tests run it
    for name in names:
        print(run_page(name, checkout() / "book" / f"{name}.ipynb", {}))


def book(args) -> None:
    given = parameters(args.parameters)
    check_installed(BOOK)
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
