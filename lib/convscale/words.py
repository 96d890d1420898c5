"""Words that messages of several rooms share."""


def plural(count: float, word: str) -> str:
    """ "1 claim", "4 claims", "2 classes", "1,000 images", "0.5 epochs"."""
    if count == 1:
        return f"1 {word}"
    number = f"{count:,g}" if isinstance(count, float) else f"{count:,}"
    return f"{number} {word}{'es' if word.endswith('ss') else 's'}"
