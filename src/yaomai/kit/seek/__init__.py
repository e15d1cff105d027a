"""Find the first rows of a list of millions, whatever narrows and orders it.

The planner believes that what matches is spread evenly and that conditions have nothing to do with each other. But names
of one place stand together and a kind follows from a name: it may walk a million rows for fifty that stand at the end.
These ways do not depend on that:

- *gathered*: few rows match; all are found through the best indexes, then sorted.
- *by part*: many match in several places; the first of each place from an index of its own, then the first of these.
- *walked*: many match; rows are read in the order of an index, ten thousand at most, and gathered if that was not enough.
"""

from yaomai.kit.seek.estimates import estimated
from yaomai.kit.seek.ways import FEW, first_keys, first_of, statement, walked

__all__ = ["FEW", "estimated", "first_keys", "first_of", "statement", "walked"]
