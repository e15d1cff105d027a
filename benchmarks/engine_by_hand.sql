-- What the engine computes, written by hand for this data: products 1 to 60 as bits of one word, one pass over the lines.
-- Placeholders: {lines} list of files, {customers} file, {as_of}, {index} = 12 * year + month of as_of.

CREATE TEMP TABLE metrics AS
WITH months AS (
    SELECT customer,
           {index} - (12 * year(date) + month(date)) AS back,
           sum(amount) AS amount,
           sum(quantity) AS quantity,
           min(date) FILTER (amount >= 0) AS first_on,
           max(date) FILTER (amount >= 0) AS last_on,
           bit_count(coalesce(bit_or(CAST(1 AS BIGINT) << day(date)) FILTER (amount >= 0), 0)) AS orders,
           bit_or(CAST(1 AS BIGINT) << product) FILTER (amount >= 0) AS products,
           bit_or(CAST(1 AS BIGINT) << product_line) FILTER (amount >= 0) AS product_lines
    FROM read_parquet({lines})
    GROUP BY ALL
),
totals AS (
    SELECT customer,
           min(first_on) AS first_on,
           max(last_on) AS last_on,
           CAST(sum(orders) AS INTEGER) AS frequency,
           CAST(sum(amount) AS DECIMAL(18, 2)) AS monetary,
           CAST(coalesce(sum(orders) FILTER (back < 12), 0) AS INTEGER) AS orders_12m,
           CAST(count(*) FILTER (back < 12 AND orders > 0) AS INTEGER) AS active_months_12m,
           CAST(coalesce(sum(amount) FILTER (back < 12), 0) AS DECIMAL(18, 2)) AS amount_12m,
           CAST(coalesce(sum(amount) FILTER (back BETWEEN 12 AND 23), 0) AS DECIMAL(18, 2)) AS amount_prior_12m,
           CAST(coalesce(sum(amount) FILTER (back < 3), 0) AS DECIMAL(18, 2)) AS amount_3m,
           CAST(coalesce(sum(amount) FILTER (back BETWEEN 3 AND 5), 0) AS DECIMAL(18, 2)) AS amount_prior_3m,
           CAST(coalesce(sum(quantity) FILTER (back < 12), 0) AS BIGINT) AS quantity_12m,
           CAST(coalesce(bit_count(bit_or(products) FILTER (back < 12)), 0) AS INTEGER) AS products_12m,
           CAST(coalesce(bit_count(bit_or(product_lines) FILTER (back < 12)), 0) AS INTEGER) AS product_lines_12m
    FROM months
    GROUP BY customer
)
SELECT *,
       DATE '{as_of}' - last_on AS recency_days,
       DATE '{as_of}' - first_on AS tenure_days,
       CASE WHEN amount_prior_3m > 0
            THEN CAST((amount_3m - amount_prior_3m) * 100 AS BIGINT) / CAST(3 * amount_prior_3m * 100 AS BIGINT) END
           AS growth_monthly,
       CASE WHEN amount_prior_12m > 0
            THEN CAST((amount_12m - amount_prior_12m) * 100 AS BIGINT) / CAST(amount_prior_12m * 100 AS BIGINT) END
           AS growth_yearly,
       CASE WHEN frequency > 1 THEN (last_on - first_on) / (frequency - 1) END AS interval_days
FROM totals;

CREATE TEMP TABLE points AS
WITH everyone AS (
    SELECT c.*, m.* EXCLUDE (customer),
           coalesce(m.amount_12m, 0) AS amount, coalesce(m.monetary, 0) AS money,
           coalesce(m.frequency, 0) AS visits, coalesce(m.product_lines_12m, 0) AS lines,
           coalesce(m.products_12m, 0) AS products, coalesce(m.active_months_12m, 0) AS months,
           coalesce(m.orders_12m, 0) AS orders
    FROM read_parquet('{customers}') AS c LEFT JOIN metrics AS m USING (customer)
),
sizes AS (
    SELECT count(monetary) AS n, count(*) - count(monetary) AS idle,
           count(growth_yearly) AS grown, count(tenure_days) AS known
    FROM everyone
)
SELECT e.*,
       (rank() OVER (ORDER BY amount) - 1 - if(amount > 0, idle, 0)) * 10000 // (n - 1) AS by_amount,
       (rank() OVER (ORDER BY lines) - 1 - if(lines > 0, idle, 0)) * 10000 // (n - 1) AS by_lines,
       (rank() OVER (ORDER BY products) - 1 - if(products > 0, idle, 0)) * 10000 // (n - 1) AS by_products,
       CASE WHEN growth_yearly IS NULL THEN 5000
            ELSE (rank() OVER (ORDER BY growth_yearly NULLS LAST) - 1) * 10000 // (grown - 1) END AS by_growth,
       CASE WHEN tenure_days IS NULL THEN 0
            ELSE (rank() OVER (ORDER BY tenure_days NULLS LAST) - 1) * 10000 // (known - 1) END AS by_tenure,
       CASE WHEN recency_days IS NULL THEN 0
            ELSE (rank() OVER (ORDER BY recency_days DESC NULLS LAST) - 1) * 5 // known * 2500 END AS r,
       (rank() OVER (ORDER BY visits) - 1 - if(visits > 0, idle, 0)) * 5 // n * 2500 AS f,
       (rank() OVER (ORDER BY money) - 1 - if(money > 0, idle, 0)) * 5 // n * 2500 AS m,
       CASE WHEN tenure_days >= 730 THEN 10000 WHEN tenure_days >= 365 THEN 6000 WHEN tenure_days >= 180 THEN 3000
            WHEN tenure_days IS NULL THEN 5000 ELSE 0 END AS tenure,
       CAST(floor(months * 10000 / 12) AS BIGINT) AS active,
       amount / nullif(sum(amount) OVER (PARTITION BY institution_type), 0) AS channel_share
FROM everyone AS e, sizes;
