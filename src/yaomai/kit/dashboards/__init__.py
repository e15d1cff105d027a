"""Dashboards: few numbers, each with its goal, its trend, its reason and what to do next.

A room says in `cards.py` what it counts, and what of that is worth looking at:

    register_source(Source("commerce.purchases", _("Purchases"), SQL))
    register_card(Card(key="commerce.sales", label=_("Sales"), right="commerce.salesline:view", unit="money",
                       of=Sum("commerce.purchases", "amount"), against="year", …))

A source is SQL over facts that returns month, place, part, amount and count. A job keeps its totals by month and place,
each place with all that lies below it (`totals`): a board of any company is read from a few hundred rows, and what
somebody sees of it is what their right reaches. A card of something small computes itself instead (`compute`).

`reading` answers cards for an actor, a period and a place; `selectors` says which boards there are; `packs` makes boards
and lists into files on schedule. What places and roles are called, a room tells in `company`.
"""
