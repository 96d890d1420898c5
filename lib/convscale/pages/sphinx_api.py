"""Directives of the API reference: `{rooms}` lists rooms with their sentences, `{room}` the public names of one."""

import re
from collections.abc import Iterator

from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from ..paths import PACKAGE
from .api import Entry, entries, exports, room_text

EXAMPLE = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)  # in Markdown, > begins a quotation


def markdown(room: str, entry: Entry, fence: str) -> Iterator[str]:
    """An entry as one of Sphinx's Python directives, in MyST; members have shorter fences."""
    kind, head = entry.kind, entry.name + entry.signature
    options = []
    if kind in ("data", "property"):
        head, (annotation, _, value) = entry.name, entry.signature.removeprefix(" -> ").lstrip(": ").partition("= ")
        options = [f":type: {annotation.strip()}"] * bool(annotation.strip()) + [f":value: {value}"] * bool(value)
    yield from [f"{fence}{{py:{kind}}} {head}", ":module: convscale." + room, *options, ""]
    yield from [EXAMPLE.sub(r"```pycon\n\g<0>\n```", entry.text), ""]
    for field in entry.fields:
        default = f" = {field.default}" if field.default else ""
        yield f"- `{field.name}: {field.annotation}{default}`" + (f"<br>{field.comment}" if field.comment else "")
    for member in entry.members:
        yield from ["", *markdown(room, member, fence[:-1])]
    yield from [fence, ""]


class Room(SphinxDirective):
    """`{room} models`: its docstring, and every public name with signature and docstring."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        room = self.arguments[0]
        for file in {PACKAGE / room / "__init__.py", PACKAGE / room / "__init__.pyi", *exports(room).values()}:
            self.env.note_dependency(str(file))
        lines = [room_text(room), ""]
        lines += [line for entry in entries(room) for line in markdown(room, entry, "::::::")]
        parsed = nodes.Element()
        self.state.nested_parse(StringList("\n".join(lines).splitlines(), room), self.content_offset, parsed)
        # Types are words here: most are of other libraries, to whose references the book does not link.
        for signature in parsed.findall(addnodes.desc_signature):
            for link in list(signature.findall(addnodes.pending_xref)):
                link.parent.replace(link, link.children)
        return parsed.children


class Rooms(SphinxDirective):
    """`{rooms}`: each room of the content, from the top floor down, with its link and its docstring."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        lines = []
        for room in " ".join(self.content).split():
            self.env.note_dependency(str(PACKAGE / room / "__init__.py"))
            listed = (PACKAGE / room / "__init__.pyi").exists()
            lines += [f"[`{room}`]({room}.md)" if listed else f"`{room}`", f": {room_text(room)}", ""]
        parsed = nodes.Element()
        self.state.nested_parse(StringList(lines, "rooms"), self.content_offset, parsed)
        return parsed.children
