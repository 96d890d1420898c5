"""What a device does at most, as cases beside those of networks: the two ceilings of its roofline."""

PRODUCT, COPY = "matrix product", "copy"
# The side of a matrix, ours: a product has 1.07 G multiply-adds, a copy reads and writes 64 MiB each in float32.
SIDE = {PRODUCT: 1024, COPY: 4096}


def work_of(ceiling: str) -> float:
    """Multiply-adds of one product, or bytes that one copy reads and writes in float32."""
    return float(SIDE[ceiling] ** 3 if ceiling == PRODUCT else 2 * 4 * SIDE[ceiling] ** 2)
