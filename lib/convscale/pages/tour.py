"""A stop of a tour through a paper: what was found in a section, and the way to it."""

from html import escape

from ..drawing import glyph
from ..evidence import judge
from ..evidence.claims import claims, is_written
from ..evidence.judging import Reading
from ..records import published
from ..words import plural
from .block import Block
from .sections import address, section_of


def stop(here: str, *targets: str) -> Block:
    """A line on page `here` for each of the sections `targets`: its name, and a mark for each of its claims.

    Raises ValueError for a page that is no section.
    """
    reading, lines, said = Reading(published()), [], []
    for target in targets:
        section = section_of(target)
        found = {claim["id"]: judge(claim, reading.of(claim)).shown_word for claim in claims(target)}
        name = f"§{section.section} {escape(section.menu)}"
        way = f'<a href="{address(here, target)}">{name}</a>' if is_written(target) else f"{name} (no page yet)"
        statements = {claim["id"]: claim["statement"] for claim in claims(target)}
        marks = "".join(
            f'<a href="{address(here, f"claims#{id}")}">{glyph(word, f"{word}: {statements[id]}")}</a>'
            for id, word in found.items()
        )
        lines.append(f'<p>{way} <span class="sf-tally">{marks}</span></p>')
        said.append(f"§{section.section} {section.menu}: {plural(len(found), 'claim')}")
    return Block(f'<div class="sf sf-stop">{"".join(lines)}</div>', "; ".join(said))
