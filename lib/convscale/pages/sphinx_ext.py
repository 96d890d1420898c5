"""Book extension: says under each executed page how it was made, and drops scripts that the theme loads twice."""

import json
from html import escape
from pathlib import Path

from ..records.truth import state_of
from .plain import restored

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


def source_read(app, docname, content) -> None:
    """Notebooks show plain Markdown; the book gets its own, with labels and roles."""
    if Path(app.env.doc2path(docname)).suffix == ".ipynb":
        content[0] = restored(content[0])


def setup(app) -> dict:
    app.setup_extension("convscale.pages.sphinx_drawing")
    app.connect("source-read", source_read)
    app.connect("html-page-context", page_context, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
