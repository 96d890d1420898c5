"""Rows of the discrepancies page in the book: each has an address, and whatever names one links to it.

The page's tables have class "sources" and a first column such as "A12". In prose the role {disc}`A12` makes a link; in
a table every name in a column "cause" becomes one. Elsewhere such a name may mean something else: B4 is a network too.
"""

import re

from docutils import nodes  # type: ignore[import-untyped]
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

NAME = re.compile(r"[A-Z]\d+")


def link(name: str, docname: str) -> addnodes.pending_xref:
    """A reference to the row `name`; Sphinx warns where there is none."""
    return addnodes.pending_xref(
        name,
        nodes.inline(name, name),
        refdomain="std",
        reftype="ref",
        reftarget=f"disc-{name.lower()}",
        refexplicit=True,
        refwarn=True,
        refdoc=docname,
    )


class RowRole(SphinxRole):
    """{disc}`A12`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        if not NAME.fullmatch(self.text):
            problem = f"{self.text!r} is no row of the discrepancies: a letter and a number are needed, as in A12"
            return [], [self.inliner.reporter.error(problem, line=self.lineno)]
        return [link(self.text, self.env.docname)], []


def address_rows(app: Sphinx, doctree: nodes.document) -> None:
    """Give every row of the discrepancies its id, "disc-A12", and make it known to the role."""
    labels = app.env.get_domain("std").data
    for table in doctree.findall(nodes.table):
        if "sources" not in table["classes"]:
            continue
        for row in table.findall(nodes.row):
            if NAME.fullmatch(name := row[0].astext().strip()):
                row["ids"].append(f"disc-{name}")
                labels["anonlabels"][f"disc-{name.lower()}"] = app.env.docname, f"disc-{name}"


def link_causes(app: Sphinx, doctree: nodes.document) -> None:
    """Turn names of rows in columns "cause" into links."""
    for table in doctree.findall(nodes.table):
        for head in table.findall(nodes.thead):
            causes = [i for i, cell in enumerate(head[0]) if cell.astext().strip() in ("cause", "causes")]
            rows = [row for body in head.parent.findall(nodes.tbody) for row in body]  # none of a head alone
            for text in [text for row in rows for i in causes for text in row[i].findall(nodes.Text)]:
                parts: list[nodes.Node] = []
                for part in re.split(rf"({NAME.pattern})", str(text)):
                    parts.append(link(part, app.env.docname) if NAME.fullmatch(part) else nodes.Text(part))
                text.parent.replace(text, parts)


def setup(app: Sphinx) -> dict:
    app.add_role("disc", RowRole())
    app.connect("doctree-read", address_rows)
    app.connect("doctree-read", link_causes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
