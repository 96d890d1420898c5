"""The marks of verdicts and of families, as small inline SVG: a shape, a colour and a title each."""

from html import escape

# Verdict -> mark. Below the papers' scale "reproduced" reads "same direction"; both hold. What the released code does
# (agrees, differs) is no verdict on a paper and has no colour.
STATES = {
    "reproduced": "yes",
    "same direction": "yes",
    "within 3 %": "near",
    "not reproduced": "no",
    "no difference seen": "same",
    "inconclusive": "open",
    "not run": "none",
    "agrees": "plain",
    "differs": "plain",
}
COLOURS = {"yes": "yes", "near": "yes", "no": "no", "same": "yes", "open": "open", "none": "none", "plain": "none"}
DISC = '<circle cx="8" cy="8" r="7.5" fill="currentColor"/>'
STROKE = 'fill="none" stroke="var(--sf-bg, #fff)" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round"'
SHAPES = {
    "yes": f'{DISC}<path d="M4.3 8.4l2.6 2.5 4.8-5.4" {STROKE}/>',
    "near": '<circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="1.8"/>'
    '<path d="M4.3 8.4l2.6 2.5 4.8-5.4" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round"/>',
    "same": f'{DISC}<path d="M4.6 6.2h6.8M4.6 9.8h6.8" {STROKE}/>',
    "no": '<rect x="1" y="1" width="14" height="14" rx="2" fill="currentColor"/>'
    f'<path d="M5 5l6 6M11 5l-6 6" {STROKE}/>',
    "open": '<circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="1.8"/>'
    '<path d="M8 1.4a6.6 6.6 0 0 0 0 13.2z" fill="currentColor"/>',
    "none": '<circle cx="8" cy="8" r="6.4" fill="none" stroke="currentColor" stroke-width="1.6" '
    'stroke-dasharray="2.2 2.82"/>',
    "plain": '<circle cx="8" cy="8" r="3" fill="currentColor"/>',
}
# Short names of the papers, as in "v2:13": the family's name, and its marker in a box of 12.
FAMILIES = {"v1": "EfficientNet", "rs": "ResNet-RS", "v2": "EfficientNetV2"}
MARKERS = {
    "v1": '<circle cx="6" cy="6" r="5.2" fill="currentColor"/>',
    "rs": '<rect x="1.2" y="1.2" width="9.6" height="9.6" fill="currentColor"/>',
    "v2": '<path d="M6 .8l5.6 10H.4z" fill="currentColor"/>',
}


def glyph(verdict: str, title: str = "") -> str:
    """The mark of a verdict, one letter high. With a `title` it is an image of that name; without, decoration."""
    state = STATES[verdict]
    role = f'role="img"><title>{escape(title)}</title>' if title else 'aria-hidden="true">'
    return f'<svg class="sf-g c-{COLOURS[state]}" viewBox="0 0 16 16" {role}{SHAPES[state]}</svg>'


def badge(verdict: str) -> str:
    """The mark and the word, in a pill."""
    return f'<span class="sf-badge c-{COLOURS[STATES[verdict]]}">{glyph(verdict)}{escape(verdict.capitalize())}</span>'


def family(short: str) -> str:
    """The marker and the name of a family, in its colour. `short` is "v1", "rs" or "v2"."""
    marker = f'<svg class="sf-g" viewBox="0 0 12 12" aria-hidden="true">{MARKERS[short]}</svg>'
    return f'<span class="sf-fam c-{short}">{marker}{FAMILIES[short]}</span>'
