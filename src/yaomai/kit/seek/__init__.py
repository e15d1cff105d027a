"""Find the first rows of a list of millions, whatever narrows and orders it.

The planner believes that what matches is spread evenly and that conditions have nothing to do with each other. But names
of one place stand together and a kind follows from a name: it may walk a million rows for fifty that stand at the end.
These ways do not depend on that:

- *walked*: many rows match; they are read in the order of an index, of the whole table or of one part of it, ten thousand
  at most; if these were not enough, they are gathered.
- *by part*: many match within several places; the first of each place from its part of an index, then the first of these.
- *gathered*: few match; all are found through the best indexes, counted and sorted.
"""

from yaomai.kit.seek.estimates import Estimate, estimated
from yaomai.kit.seek.statistics import statistics_of
from yaomai.kit.seek.ways import First, first_keys, first_of, sampled, statement

__all__ = ["Estimate", "First", "estimated", "first_keys", "first_of", "sampled", "statement", "statistics_of"]
