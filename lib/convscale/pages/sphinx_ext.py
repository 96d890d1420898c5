"""The book's extension: how a page was made, under it; what the theme leaves wrong, mended; the reference of the
library; rows of the discrepancies as links; the ledger's data beside its page."""

import json
from hashlib import sha256
from html import escape
from pathlib import Path

from docutils import nodes
from pybtex.plugin import register_plugin

from ..drawing import glyph
from ..paths import PACKAGE
from ..records.truth import state_of
from .plain import restored
from .sphinx_api import Room, Rooms
from .sphinx_citations import Labelled
from .sphinx_html import describe, drop_scripts

LEDGER = "book/claims"
LOCAL = {"clean": "", "dirty": " with local changes", "unknown": ", local changes unknown"}


def made_by(made: dict) -> str:
    """The box "How this page was made" as HTML."""
    parameters = ", ".join(f"{name}={value!r}" for name, value in made["parameters"].items())
    given = f" with <code>{escape(parameters)}</code>" if parameters else ""
    versions = made.get("versions")  # none in pages of before
    by = f" by convscale {escape(versions['convscale'])} on Python {escape(versions['python'])}" if versions else ""
    commit = made["commit"][:10] + LOCAL[state_of(made)] if made["commit"] else "unknown"
    return (
        '<aside class="admonition note" aria-label="Provenance"><p class="admonition-title">How this page was made</p>'
        f"<p>Source <code>{escape(made['source'])}</code> at commit <code>{escape(commit)}</code>, executed on "
        f"{escape(made['date'])} in {made['seconds']} s{given}{by}.</p></aside>"
    )


def mark(name, rawtext, text, lineno, inliner, options=None, content=None):
    """The role {mark}`reproduced`: the mark of a verdict, beside its word."""
    return [nodes.raw("", glyph(text), format="html")], []


def page_context(app, pagename, templatename, context, doctree) -> None:
    context["script_files"] = drop_scripts(context.get("script_files", []))
    describe(app, pagename, context, doctree)
    if doctree is not None and (source := Path(app.env.doc2path(pagename))).suffix == ".ipynb":
        made = json.loads(source.read_text(encoding="utf-8"))["metadata"].get("convscale")
        context["body"] += made_by(made) if made else ""


def state(static: Path) -> str:
    """Digest of what every page's HTML rests on beside its source: Sphinx, which does not look at these files, then
    writes all pages again."""
    files = [*Path(__file__).parent.glob("*.py"), *PACKAGE.glob("drawing/*.py"), *static.iterdir()]
    return sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()


def lay_data(app, exception) -> None:
    """Write the ledger as CSV, JSON and Parquet into the built book, for the links of its page."""
    if exception is not None or app.builder.format != "html" or LEDGER not in app.env.found_docs:
        return
    from ..evidence.ledger_data import ledger_table, write_ledger

    write_ledger(ledger_table(), Path(app.outdir) / "_static")


def source_read(app, docname, content) -> None:
    """Notebooks show plain Markdown; the book gets its own, with labels and roles."""
    if Path(app.env.doc2path(docname)).suffix == ".ipynb":
        content[0] = restored(content[0])


def setup(app) -> dict:
    app.add_config_value("convscale_state", state(Path(app.srcdir, "book/_static")), "env")
    register_plugin("pybtex.style.formatting", "author_year", Labelled)
    app.add_role("mark", mark)
    app.add_directive("room", Room)
    app.add_directive("rooms", Rooms)
    # before all else that draws: what needs scripts is hidden where there are none
    app.add_js_file(None, body="document.documentElement.classList.add('sf-js')", priority=0)
    app.setup_extension("convscale.pages.sphinx_drawing")
    app.setup_extension("convscale.pages.discrepancies")
    app.connect("source-read", source_read)
    app.connect("build-finished", lay_data)
    app.connect("html-page-context", page_context, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
