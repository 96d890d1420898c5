"""What Jupyter Book 1.0.4 and its theme leave wrong on a page: names for screen readers, landmarks, titles, the mode of
colours on a first visit, and words about the page for search engines and previews."""

from html import escape, unescape
from re import match, sub

from docutils import nodes
from sphinx.jinja2glue import BuiltinTemplateLoader

# The theme's script complains of an empty mode; what it would choose later is chosen before the page is drawn.
MODE = """<script>try {
  localStorage.mode ||= "auto";
  if (localStorage.mode === "auto")
    localStorage.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
} catch {}</script>"""

MENDED = (
    # a name must contain the words that are seen
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    (
        'search-button-field search-button__button pst-js-only" title="Search" aria-label="Search"',
        'search-button-field search-button__button pst-js-only"',
    ),
    ('data-mode="light" title="Light"', 'data-mode="light"'),
    ('data-mode="dark"  title="Dark"', 'data-mode="dark"'),
    ('data-mode="auto"  title="System Settings"', 'data-mode="auto"'),
    ('<summary><span class="toctree-toggle"', '<summary aria-label="Its pages"><span class="toctree-toggle"'),
    # all that is seen lies in a landmark
    (
        '<div id="pst-primary-sidebar" class',
        '<div id="pst-primary-sidebar" role="complementary" aria-label="Book" class',
    ),
    # a table that was glued into a page scrolls in its own box; those of cells get this from the theme's script
    ('<div class="output text_html"><table', '<div class="output text_html" tabindex="0"><table'),
    # a list has items, and biblioentry is no longer a role
    ('role="doc-biblioentry"', 'role="listitem"'),
)
LONGEST = 200  # characters of a description; ours: search engines show about 160, previews a little more


class Pages(BuiltinTemplateLoader):
    """Sphinx's templates (its option `template_bridge`), with `MENDED` replaced in what they render, and the start
    page's title said once."""

    def render(self, template: str, context: dict) -> str:  # type: ignore[override]  # Sphinx's own says None
        page = super().render(template, context)
        for old, new in MENDED:
            page = page.replace(old, new)
        page = sub(r'<th class="([^"]*)"><p></p></th>', r'<td class="\1"></td>', page)  # a column without a heading
        return sub(r"<title>(.+?) &#8212; \1</title>", r"<title>\1</title>", page, count=1)


def drop_scripts(scripts: list) -> list:
    """Jupyter Book adds its scripts twice ("Identifier 'THEBE_JS_URL' has already been declared" on every page), and
    Thebe's although no page uses it."""
    seen, kept = set(), []
    for script in scripts:
        key = (getattr(script, "filename", script), (getattr(script, "attributes", None) or {}).get("body"))
        if key not in seen and "thebe" not in str(key).lower():
            kept.append(script)
        seen.add(key)
    return kept


def description(doctree: nodes.document) -> str:
    """The first paragraph of a page's text without citations, as many whole sentences as fit `LONGEST`, or words."""
    texts = (node.astext() for node in doctree.findall(nodes.paragraph) if isinstance(node.parent, nodes.section))
    words = sub(r" \[[^][]*\d{4}]", "", " ".join(next(texts, "").split()))
    if len(words) <= LONGEST:
        return words
    start = words[: LONGEST + 1]
    whole = match(r".+(?<!et al)\.(?= )", start)
    return whole[0] if whole else start.rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def head(title: str, site: str, words: str, address: str) -> str:
    """Tags of a page's head for search engines and previews (OpenGraph); `address` is absolute or empty."""
    graph = {"title": title, "type": "article", "site_name": site, "description": words, "url": address}
    tags = [f'<meta property="og:{name}" content="{escape(text)}"/>' for name, text in graph.items() if text]
    return "\n".join(([f'<meta name="description" content="{escape(words)}"/>'] if words else []) + tags)


def describe(app, pagename: str, context: dict, doctree: nodes.document | None) -> None:
    """Put `MODE` and the tags of `head` into a page's head."""
    site = app.config.html_title
    title = unescape(sub("<[^>]+>", "", context.get("title", "")))
    words = description(doctree) if doctree is not None else ""
    address = app.builder.get_target_uri(pagename)
    base = app.config.html_baseurl
    tags = head(title, site, words, f"{base.rstrip('/')}/{address}" if base else "")
    context["metatags"] = "\n".join([context.get("metatags", ""), MODE, tags])
