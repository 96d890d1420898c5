"""The directive of the book's own figures: inline SVG in a numbered figure, with its data in the caption.

:::{drawing} What one must know to read it; {ref}`roles` work.
:name: fig-forest
:csv: the data as CSV, in base64

<div class="sf">...</div>
:::
"""

from html import escape
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective


class DrawingDirective(SphinxDirective):
    """A figure, so that `{numref}` finds it, whose picture is HTML."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged, "csv": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        figure = nodes.figure("", nodes.raw("", "\n".join(self.content), format="html"))
        caption = self.arguments[0] if self.arguments else ""
        words, messages = self.parse_inline(caption, lineno=self.lineno)
        figure += nodes.caption(caption, "", *words)
        if csv := self.options.get("csv"):
            file = escape(f"{self.options.get('name', 'figure')}.csv")
            link = f' <a download="{file}" href="data:text/csv;charset=utf-8;base64,{escape(csv)}">Data (CSV)</a>'
            figure[-1] += nodes.raw("", link, format="html")
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure, *messages]


def setup(app) -> dict:
    app.add_directive("drawing", DrawingDirective)
    app.add_js_file("figures.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
