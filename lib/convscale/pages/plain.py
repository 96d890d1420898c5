"""Markdown of a page as notebooks show it: without the roles, labels and directives that only the book understands.

A committed page shows this in Colab and Jupyter; the book's own Markdown is kept beside it in the cell, and the
extension gives it to Sphinx (see `restored`).
"""

import json
import re
from functools import cache

from ..paths import CHECKOUT

KEPT = "myst"  # where a cell keeps the book's Markdown
LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
ROLE = re.compile(r"\{(?P<role>[\w:]+)\}`(?P<body>[^`]+)`")
TITLED = re.compile(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?!https?://)(?P<target>[^)\s]+)\)")
FENCE = re.compile(
    r"^(?P<fence>:{3,}|`{3,})\{(?P<name>[\w-]+)\}[ \t]*(?P<title>[^\n]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
OPTIONS = re.compile(r"\A(?::[\w-]+:[^\n]*\n)+")
EQUATION_LABEL = re.compile(r"^\$\$ \([\w-]+\)$", re.MULTILINE)


def named(entry) -> tuple[str, str]:
    """Authors and year of an entry of pybtex, as a text names them: "Tan and Le", "Bello et al."."""
    last = [" ".join(person.last_names) for person in entry.persons.get("author", ())]
    return " and ".join(last) if len(last) < 3 else f"{last[0]} et al.", entry.fields.get("year", "")


@cache
def authors() -> dict[str, tuple[str, str]]:
    """Key -> authors and year of the works in book/references.bib, as a text names them; none without a checkout."""
    if CHECKOUT is None:
        return {}
    import pybtex.database  # comes with jupyter-book, which Colab does not have

    entries = pybtex.database.parse_file(str(CHECKOUT / "book/references.bib")).entries
    return {key: named(entry) for key, entry in entries.items()}


def cited(keys: str, in_brackets: bool) -> str:
    """The works named by `keys`, which commas part: "Tan and Le (2021)", or "(Tan and Le, 2021)"."""
    works = [authors().get(key.strip(), (key.strip(), "")) for key in keys.split(",")]
    if in_brackets:
        return "(" + "; ".join(", ".join(filter(None, work)) for work in works) + ")"
    return ", ".join(f"{names} ({year})" if year else names for names, year in works)


def without_role(found: re.Match) -> str:
    role, body = found["role"], found["body"]
    if role.startswith("cite"):
        return cited(body, in_brackets=role != "cite:t")
    if titled := TITLED.fullmatch(body):
        return titled["text"].replace("%s", "").strip()
    if role in ("numref", "ref", "eq"):
        kinds = {"fig": "the figure", "tbl": "the table", "eq": "the equation"}
        return kinds.get(body.partition("-")[0], "the section")
    return body


def without_fence(found: re.Match) -> str:
    """A directive as plain Markdown: raw HTML stays, a note gets its title in bold."""
    body = OPTIONS.sub("", found["body"]).strip("\n")
    if found["name"] == "raw":
        return body
    if found["name"] in ("math", "code-block", "code"):
        return f"$$\n{body}\n$$" if found["name"] == "math" else f"```{found['title']}\n{body}\n```"
    title = f"**{found['title'].strip()}**\n\n" if found["title"].strip() and found["name"] != "div" else ""
    return title + plain(body)


def plain(markdown: str) -> str:
    """The same text for a notebook. What is no MyST stays as it is."""
    text = FENCE.sub(without_fence, LABEL.sub("", markdown))
    text = EQUATION_LABEL.sub("$$", text)
    return LINK.sub(lambda found: found["text"], ROLE.sub(without_role, text))


def cleaned(notebook: dict) -> None:
    """Let the Markdown cells of a notebook show plain text, and keep the book's own beside it."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and (text := plain(cell["source"])) != cell["source"]:
            cell["metadata"][KEPT] = cell["source"]
            cell["source"] = text


def restored(notebook: str) -> str:
    """The text of a notebook with the book's own Markdown in its cells."""
    content = json.loads(notebook)
    for cell in content["cells"]:
        if KEPT in cell["metadata"]:
            cell["source"] = cell["metadata"].pop(KEPT)
    return json.dumps(content)
