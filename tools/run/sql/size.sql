-- Rows that count of a feed without a time. One row.
SELECT {{count "*"}} AS n FROM {{feed .Feed}} AS f
