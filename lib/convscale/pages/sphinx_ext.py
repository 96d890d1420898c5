"""Book extension: says under each executed page how it was made, drops scripts that the theme loads twice, links rows
of the discrepancies, and lays the ledger's data beside its page."""

import json
from html import escape
from pathlib import Path

from ..records.truth import state_of
from .plain import restored

LEDGER = "book/claims"
LOCAL = {"clean": "", "dirty": " with local changes", "unknown": ", local changes unknown"}


def made_by(made: dict) -> str:
    """The box "How this page was made" as HTML."""
    parameters = ", ".join(f"{name}={value!r}" for name, value in made["parameters"].items())
    commit = made["commit"][:10] + LOCAL[state_of(made)] if made["commit"] else "unknown"
    return (
        '<aside class="admonition note" aria-label="Provenance"><p class="admonition-title">How this page was made</p>'
        f"<p>Source <code>{escape(made['source'])}</code> at commit <code>{escape(commit)}</code>, executed on "
        f"{escape(made['date'])} in {made['seconds']} s with <code>{escape(parameters)}</code>.</p></aside>"
    )


def page_context(app, pagename, templatename, context, doctree) -> None:
    """Jupyter Book 1.0.4 adds its scripts twice ("Identifier 'THEBE_JS_URL' has already been declared" on every
    page) and Thebe's although no page uses it."""
    seen, kept = set(), []
    for script in context.get("script_files", []):
        key = (getattr(script, "filename", script), (getattr(script, "attributes", None) or {}).get("body"))
        if key not in seen and "thebe" not in str(key).lower():
            kept.append(script)
        seen.add(key)
    context["script_files"] = kept
    if doctree is not None and (source := Path(app.env.doc2path(pagename))).suffix == ".ipynb":
        made = json.loads(source.read_text())["metadata"].get("convscale")
        context["body"] += made_by(made) if made else ""


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
    # before all else that draws: what needs scripts is hidden where there are none
    app.add_js_file(None, body="document.documentElement.classList.add('sf-js')", priority=0)
    app.setup_extension("convscale.pages.sphinx_drawing")
    app.setup_extension("convscale.pages.discrepancies")
    app.connect("source-read", source_read)
    app.connect("build-finished", lay_data)
    app.connect("html-page-context", page_context, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
