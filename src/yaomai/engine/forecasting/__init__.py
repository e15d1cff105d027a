"""Forecasts of many series: a mean of exponential smoothing, Theta and last year, with intervals that were checked.

| module | question |
|---|---|
| `smoothing` | what do single methods say? (`exponential`, `theta`, `last_season`) |
| `combining` | what do they say together, and how wrong was that before? (`forecast`) |
| `hierarchy` | and by place, product and group, so that the parts add up? (`forecast_hierarchy`) |
| `command` | the same for a file |
"""
