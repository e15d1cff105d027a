"""What looks odd in lines of expenses and of what was given: duplicates, splits, habits, pairs and rings.

    lines = standard_lines(connection.read_parquet("lines.parquet"))
    hits = sweep(connection, lines, Settings(), off_days=[date(2026, 10, 1)])
    findings(hits)          one row for each thing to look at
    line_scores(hits)       how suspect each line is, 0 to 1

A hit says that a line is a part of a finding; nothing here says that somebody did wrong.
"""
