"""The text of a record's file: JSON whose last line is a digest of the lines before it.

The digest is of the text and not of the values, because checking it then costs next to nothing: a table of a hundred
thousand records is read in seconds. A file that was laid out anew counts as changed.
"""

import hashlib
import json

DIGEST = ',\n "digest": "'
END = '"\n}\n'


def sealed(record: dict) -> str:
    """The text of `record` with its digest."""
    body = json.dumps(record, indent=1).removesuffix("\n}")
    return body + DIGEST + digest_of(body) + END


def digest_of(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def opened(text: str) -> tuple[dict, str]:
    """The record in `text` and what is wrong with its digest, "" if it fits. Raises ValueError where there is none."""
    record = json.loads(text)
    if not isinstance(record, dict):
        raise ValueError(f"not a record but a {type(record).__name__}")
    if record.pop("digest", None) is None:
        return record, "has no digest"
    body, _, end = text.rpartition(DIGEST)
    return record, "" if end == digest_of(body) + END else "was changed since it was written: its digest does not fit"
