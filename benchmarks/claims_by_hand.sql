-- What a careful analyst would write for the same questions: each statement ends in the lines that are part of an answer.
SELECT l.line, n FROM lines l JOIN (SELECT invoice, count(*) AS n FROM lines WHERE invoice IS NOT NULL GROUP BY invoice HAVING count(*) > 1) USING (invoice);

SELECT l.line, n FROM lines l JOIN (
  SELECT day, recipient, form, amount, count(*) AS n FROM lines GROUP BY day, recipient, form, amount
  HAVING count(*) > 1 AND count(DISTINCT invoice) > 1) USING (day, recipient, form, amount);

WITH gaps AS (
  SELECT line, person, recipient, form, day, amount,
         (coalesce(day - lag(day) OVER w, 99) > 3)::int AS is_first
  FROM lines WHERE amount < 1000 WINDOW w AS (PARTITION BY person, recipient, form ORDER BY day, line)),
runs AS (SELECT *, sum(is_first) OVER (PARTITION BY person, recipient, form ORDER BY day, line) AS run FROM gaps)
SELECT line, total FROM (
  SELECT line, sum(amount) OVER w AS total, count(*) OVER w AS parts FROM runs
  WINDOW w AS (PARTITION BY person, recipient, form, run)) WHERE parts > 1 AND total >= 1000;

WITH rated AS (SELECT person, count(*) AS n, count(*) FILTER (amount % 100 = 0) AS k FROM lines GROUP BY person),
odd AS (SELECT person FROM rated, (SELECT sum(k) / sum(n) AS p FROM rated) WHERE n >= 20 AND (k - n * p) / sqrt(n * p * (1 - p)) >= 4)
SELECT line FROM lines JOIN odd USING (person) WHERE amount % 100 = 0;

WITH meals AS (SELECT line, person, isodow(day) > 5 AS off FROM lines WHERE form = 'meal'),
rated AS (SELECT person, count(*) AS n, count(*) FILTER (off) AS k FROM meals GROUP BY person),
odd AS (SELECT person FROM rated, (SELECT sum(k) / sum(n) AS p FROM rated) WHERE n >= 20 AND (k - n * p) / sqrt(n * p * (1 - p)) >= 4)
SELECT line FROM meals JOIN odd USING (person) WHERE off;

WITH timed AS (SELECT line, person, hour(entered_at) >= 22 OR hour(entered_at) < 6 AS night FROM lines),
rated AS (SELECT person, count(*) AS n, count(*) FILTER (night) AS k FROM timed GROUP BY person),
odd AS (SELECT person FROM rated, (SELECT sum(k) / sum(n) AS p FROM rated) WHERE n >= 20 AND (k - n * p) / sqrt(n * p * (1 - p)) >= 4)
SELECT line FROM timed JOIN odd USING (person) WHERE night;

SELECT l.line, c, share FROM lines l
JOIN (SELECT person, day, count(DISTINCT city) AS c FROM lines GROUP BY person, day HAVING count(DISTINCT city) >= 3) USING (person, day)
JOIN (SELECT person, city, count(*) / sum(count(*)) OVER (PARTITION BY person) AS share FROM lines GROUP BY person, city) USING (person, city);

WITH pairs AS (SELECT person, recipient, sum(amount) AS spent, count(*) AS n FROM lines GROUP BY person, recipient),
shared AS (SELECT *, spent / sum(spent) OVER w AS share, count(*) OVER w AS others, sum(n) OVER w AS all_lines FROM pairs WINDOW w AS (PARTITION BY person))
SELECT l.line, share FROM lines l JOIN (SELECT * FROM shared WHERE share >= 0.3 AND others >= 5 AND all_lines >= 20 AND n > 1) USING (person, recipient);

WITH joined AS (SELECT institution, spent, coalesce(value, 0) AS value FROM (SELECT institution, sum(amount) AS spent FROM lines GROUP BY institution) LEFT JOIN worth USING (institution)),
weighed AS (SELECT *, greatest(value, (SELECT avg(value) FROM joined) / 100) AS w FROM joined),
odd AS (SELECT institution, spent, w / sum(w) OVER () * sum(spent) OVER () AS expected FROM weighed)
SELECT l.line, o.spent, o.expected FROM lines l JOIN odd o USING (institution) WHERE o.spent >= 2000 AND o.spent > 5 * o.expected;

WITH numbered AS (
  SELECT line, person, regexp_extract(invoice, '(\d{4,9})$', 1) AS digits, invoice FROM lines WHERE invoice IS NOT NULL),
near AS (
  SELECT line, person, lead(person) OVER w AS after, lead(line) OVER w AS after_line, lead(digits::bigint) OVER w - digits::bigint AS gap
  FROM numbered WINDOW w AS (PARTITION BY left(invoice, length(invoice) - length(digits)) ORDER BY digits::bigint, line))
SELECT line, after_line, least(person, after), greatest(person, after) FROM near WHERE gap = 1 AND person <> after
QUALIFY count(*) OVER (PARTITION BY least(person, after), greatest(person, after)) >= 3;
