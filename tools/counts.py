"""Write data/counts.csv: build every network that claims need the counts of, and count. A minute of one core.

Run it after a change of a network, or of a claim that names a new one; a test says when it is due.
"""

from convscale.evidence.counts import FILE, needed, text_of
from convscale.files import replace_file

replace_file(FILE, lambda file: file.write_text(text_of(needed().values()), encoding="utf-8"))
print(FILE)
