"""What broke with its own past: surges and drops of one period, and levels that moved for good.

found = notice(values, season=12, false_alarms=0.001)      values: one array per series
found[0].kind, found[0].expected, found[0].score
"""
