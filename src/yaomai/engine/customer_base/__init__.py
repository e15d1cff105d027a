"""What customers will do, from nothing but their order days: value, next order, loss.

| module | question |
|---|---|
| `histories` | how often and how long has each customer ordered? (`histories`) |
| `ordering` | who orders how often, and until when? (`MODELS`, `fit`) |
| `outlook` | what is to be expected of each customer? (`outlook`, `next_order`) |
| `spending` | how much does an order bring? (`fit_spending`) |
| `judging` | which model was right about days it had not seen? (`judged`) |
| `amounts` | and where customers differ by orders of magnitude? (`fit_amounts`) |
| `valuing`, `losing` | all of it for a log of sales (`value`, `churn`) |
| `foreseeing`, `reasons` | all of it at once, with alerts and reasons as codes (`foresee`) |

Methods: BG/NBD after Fader, Hardie and Lee, Marketing Science 24 (2005); MBG/NBD after Batislam, Denizel and Filiztekin
(2007); regular orders (CNBD-k) after Platzer and Reutterer (2016); Gamma-Gamma after Fader and Hardie (2013).
"""
