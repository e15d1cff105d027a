"""The seven schemes of the documents in SQL by hand, over the table `points` of `engine_by_hand.sql`."""

_HINT = """
    CASE WHEN institution_type = 'distributor' AND channel_share >= 0.3 AND tenure_days >= 730 THEN 'strategic'
         WHEN institution_type = 'distributor' AND channel_share >= 0.1 AND channel_share < 0.3 AND tenure_days >= 365
         THEN 'core'
         WHEN institution_type = 'community_health' OR (institution_type = 'distributor' AND tenure_days < 365)
              OR growth_monthly >= 0.15 THEN 'potential'
         WHEN (institution_type = 'distributor' AND channel_share < 0.05 AND tenure_days >= 365)
              OR institution_type IN ('clinic', 'pharmacy') OR orders < 5 THEN 'ordinary' END"""

# name: (points by component, weights in ten-thousandths, boost, tiers with shares or thresholds, other columns)
_SCHEMES: dict[str, tuple[dict[str, str], tuple[int, ...], str, str, str]] = {
    "four_tiers": (
        {
            "purchases": "by_amount",
            "margin": "5000",
            "tenure": "tenure",
            "coverage": "by_lines",
            "influence": "decision_influence * 100",
        },
        (3500, 1500, 1500, 1500, 2000),
        "0",
        "CASE WHEN rank <= ceil(n * 0.1) THEN 'strategic' WHEN rank <= ceil(n * 0.3) THEN 'core'"
        " WHEN rank <= ceil(n * 0.6) THEN 'potential' ELSE 'ordinary' END",
        f"{_HINT} AS hint",
    ),
    "kam_abc": (
        {
            "sales": "by_amount",
            "margin": "5000",
            "stability": "active",
            "recognition": "5000",
            "growth": "by_growth",
            "potential": "5000",
        },
        (3000, 1000, 2000, 1000, 1500, 1500),
        "0",
        "CASE WHEN rank <= ceil(n * 0.2) THEN 'a' WHEN rank <= ceil(n * 0.5) THEN 'b' ELSE 'c' END",
        "NULL AS hint",
    ),
    "kol_levels": (
        {"influence": "academic_influence * 100", "cooperation": "cooperation_depth * 100", "purchases": "active"},
        (6000, 3000, 1000),
        "0",
        "CASE WHEN academic_influence >= 70 AND cooperation_depth >= 40 THEN 'core_kol'"
        " WHEN academic_influence >= 70 OR cooperation_depth >= 40 THEN 'potential' ELSE 'basic' END",
        "NULL AS hint",
    ),
    "visit_classes": (
        {
            "department": "5000",
            "title": "5000",
            "patients": "5000",
            "purchases": "by_amount",
            "willingness": "5000",
            "academic": "academic_influence * 100",
        },
        (1500, 1500, 2000, 1500, 1500, 2000),
        "0",
        "CASE WHEN rank <= ceil(n * 0.2) THEN 'key' WHEN rank <= ceil(n * 0.5) THEN 'potential' ELSE 'general' END",
        "NULL AS hint",
    ),
    "commercial_abc": (
        {"purchases": "by_amount", "market": "market_influence * 100", "strategy": "5000"},
        (5000, 2500, 2500),
        "0",
        "CASE WHEN rank <= ceil(n * 0.2) THEN 'a' WHEN rank <= ceil(n * 0.5) THEN 'b' ELSE 'c' END",
        "NULL AS hint",
    ),
    "strategic_opportunity_base": (
        {"pipeline": "pipeline_fit * 100", "purchases": "by_amount", "coverage": "by_products", "growth": "by_growth"},
        (5000, 2500, 1000, 1500),
        "0",
        "CASE WHEN score >= 65000000 THEN 'strategic' WHEN score >= 45000000 THEN 'opportunity' ELSE 'base' END",
        "NULL AS hint",
    ),
    "rfm": (
        {"recency": "r", "frequency": "f", "monetary": "m", "relationship": "by_tenure", "need": "5000"},
        (2000, 2000, 3000, 1000, 2000),
        "CASE WHEN tags = 'high_margin' THEN 10000000 ELSE 0 END",
        "CASE WHEN rank <= ceil(n * 0.1) OR tags = 'procurement_core' THEN 'highest'"
        " WHEN rank <= ceil(n * 0.3) THEN 'high' WHEN rank <= ceil(n * 0.6) THEN 'medium' ELSE 'low' END",
        "(2000 * r + 2000 * f + 3000 * m) * 10000 // 7000 / 1e6 AS score_short,"
        " (1000 * by_tenure + 2000 * 5000) * 10000 // 3000 / 1e6 AS score_long",
    ),
}


def scheme_queries() -> dict[str, str]:
    """Give for each scheme a query with customer, tier, score, rank, the points of each component, and the rest."""
    return {name: _query(*parts) for name, parts in _SCHEMES.items()}


def _query(points: dict[str, str], weights: tuple[int, ...], boost: str, tiers: str, others: str) -> str:
    sum_of = " + ".join(f"{weight} * points_{name}" for weight, name in zip(weights, points, strict=True))
    columns = ", ".join(f"CAST({text} AS INTEGER) AS points_{name}" for name, text in points.items())
    kept = ", ".join(f"points_{name}" for name in points)
    return f"""
        WITH scored AS (
            SELECT *, least(CAST({sum_of} AS BIGINT) + {boost}, 100000000) AS score
            FROM (SELECT *, {columns} FROM points)
        ),
        ranked AS (
            SELECT *, count(*) OVER (ORDER BY score DESC, amount DESC) AS rank,
                   (SELECT count(*) FROM points) AS n
            FROM scored
        )
        SELECT customer, {tiers} AS tier, score / 1e6 AS score, CAST(rank AS INTEGER) AS rank, {kept}, {others}
        FROM ranked"""
