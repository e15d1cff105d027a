"""Did it help? The effect of a change on the units that had it, against like units that had not.

found = estimate(values, treated=[True, False, …], since=12)
found.effect, found.low, found.high      per unit and period, with a 95 % interval
found.verdict                            "helps", "harms", "none", "unclear", "incomparable" or "few"
"""
