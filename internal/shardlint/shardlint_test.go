package shardlint_test

import (
	"strings"
	"testing"

	"loyaltymcp/internal/shardlint"
)

var layout = shardlint.Layout{"members": "member_id", "orders": "member_id", "points": "member_id", "assignments": "unit_id"}

func TestCheckRefuses(t *testing.T) {
	for name, c := range map[string]struct{ want, text string }{
		"grouping sets":        {"grouping sets", `SELECT o.channel, CAST(count(*) AS bigint) AS n FROM orders AS o GROUP BY ROLLUP (o.channel)`},
		"percentile":           {"gathers raw rows", `SELECT CAST(percentile_cont(0.5) WITHIN GROUP (ORDER BY o.net NULLS LAST) AS double precision) AS p FROM orders AS o`},
		"CTE":                  {"WITH", `WITH a AS (SELECT o.net FROM orders AS o) SELECT CAST(sum(a.net) AS bigint) AS n FROM a AS a`},
		"recursive CTE":        {"recursive", `WITH RECURSIVE a AS (SELECT 1 AS i) SELECT a.i FROM a AS a`},
		"join by order":        {"p is joined", `SELECT CAST(count(*) AS bigint) AS n FROM orders AS o JOIN points AS p ON p.order_id = o.order_id`},
		"join by one of two":   {"p is joined", `SELECT CAST(count(*) AS bigint) AS n FROM orders AS o JOIN points AS p ON p.member_id = o.member_id OR p.order_id = o.order_id`},
		"cross join":           {"p is joined", `SELECT CAST(count(*) AS bigint) AS n FROM orders AS o CROSS JOIN points AS p`},
		"join of a cast":       {"p is joined", `SELECT CAST(count(*) AS bigint) AS n FROM orders AS o JOIN points AS p ON CAST(p.member_id AS text) = o.member_id`},
		"cast in groups":       {"cast hides", `SELECT CAST(o.member_id AS text) AS id, CAST(count(*) AS bigint) AS n FROM orders AS o GROUP BY 1`},
		"window over all":      {"window", `SELECT CAST(sum(w.n) AS bigint) AS n FROM (SELECT max(o.net) OVER () AS n FROM orders AS o) AS w`},
		"cast in a feed":       {"cast hides", `SELECT CAST(count(*) AS bigint) AS n FROM (SELECT CAST(o.member_id AS text) AS member_id FROM orders AS o) AS x`},
		"join after a cast":    {"m is joined", `SELECT CAST(count(*) AS bigint) AS n FROM (SELECT concat(o.member_id) AS member_id FROM orders AS o) AS x JOIN members AS m ON m.member_id = x.member_id`},
		"group in a subselect": {"groups by what is no member key", `SELECT CAST(count(*) AS bigint) AS n FROM (SELECT o.order_id FROM orders AS o GROUP BY o.order_id HAVING count(*) > 1) AS d`},
		"group by position":    {"groups by what is no member key", `SELECT CAST(count(*) AS bigint) AS n FROM (SELECT o.channel, count(*) AS n FROM orders AS o GROUP BY 1) AS d`},
		"distinct":             {"DISTINCT", `SELECT CAST(count(*) AS bigint) AS n FROM (SELECT DISTINCT o.order_id FROM orders AS o) AS d`},
		"union of rows":        {"UNION without ALL", `SELECT o.member_id FROM orders AS o UNION SELECT p.member_id FROM points AS p`},
		"union without key":    {"no member key where", `SELECT CAST(count(*) AS bigint) AS n FROM (SELECT o.member_id, o.net FROM orders AS o UNION ALL SELECT p.order_id, p.points FROM points AS p) AS u`},
		"global window":        {"window", `SELECT CAST(sum(w.n) AS bigint) AS n FROM (SELECT row_number() OVER (ORDER BY o.ordered_at NULLS LAST) AS n FROM orders AS o) AS w`},
		"window by channel":    {"window", `SELECT CAST(sum(w.n) AS bigint) AS n FROM (SELECT row_number() OVER (PARTITION BY o.channel ORDER BY o.ordered_at NULLS LAST) AS n FROM orders AS o) AS w`},
		"correlated":           {"not tied", `SELECT CAST(count(*) AS bigint) AS n FROM orders AS o WHERE EXISTS (SELECT 1 FROM points AS p WHERE p.order_id = o.order_id)`},
		"uncorrelated":         {"not tied", `SELECT CAST(count(*) AS bigint) AS n FROM orders AS o WHERE o.net > (SELECT avg(p.points) FROM points AS p)`},
		"scalar subselects":    {"not tied", `SELECT (SELECT CAST(sum(p.points) AS bigint) FROM points AS p) AS a`},
		"lateral":              {"LATERAL", `SELECT CAST(count(*) AS bigint) AS n FROM orders AS o LEFT JOIN LATERAL (SELECT p.points FROM points AS p WHERE p.member_id = o.member_id) AS x ON 1 = 1`},
		"calendar":             {"makes rows", `SELECT c.day, CAST(count(o.order_id) AS bigint) AS n FROM generate_series(1, 9) AS c LEFT JOIN orders AS o ON o.day = c.day GROUP BY c.day`},
		"outer join from ref":  {"outer join", `SELECT t.tier, CAST(count(m.member_id) AS bigint) AS n FROM tiers AS t LEFT JOIN members AS m ON m.tier = t.tier GROUP BY t.tier`},
		"aggregate uncast":     {"without a cast", `SELECT sum(o.net) AS n FROM orders AS o`},
		"nulls":                {"nulls go", `SELECT o.channel, CAST(count(*) AS bigint) AS n FROM orders AS o GROUP BY 1 ORDER BY 1`},
		"nulls in a window":    {"nulls go", `SELECT CAST(sum(w.n) AS bigint) AS n FROM (SELECT row_number() OVER (PARTITION BY o.member_id ORDER BY o.ordered_at) AS n FROM orders AS o) AS w`},
		"division":             {"nullif", `SELECT CAST(sum(o.net) / sum(o.items) AS double precision) AS n FROM orders AS o`},
	} {
		found := strings.Join(shardlint.Check(c.text, layout), "\n")
		if !strings.Contains(found, c.want) {
			t.Errorf("%s: %q, want %q", name, found, c.want)
		}
	}
}

func TestCheckAccepts(t *testing.T) {
	for name, text := range map[string]string{
		"totals":               `SELECT o.channel, CAST(count(DISTINCT o.member_id) AS bigint) AS n FROM orders AS o GROUP BY 1 ORDER BY 1 NULLS LAST`,
		"ids that come back":   `SELECT CAST(m.member_id AS text) AS id FROM members AS m ORDER BY 1 NULLS LAST`,
		"window of a table":    `SELECT CAST(count(*) AS bigint) AS n FROM members AS m JOIN (SELECT t.tier, min(t.rank) OVER () AS lowest FROM tiers AS t) AS t ON t.tier = m.tier`,
		"two levels":           `SELECT CAST(count(*) AS bigint) AS n FROM (SELECT o.member_id, count(*) AS n FROM (SELECT s.member_id FROM orders AS s) AS o GROUP BY 1) AS d WHERE d.n > 1`,
		"colocated":            `SELECT CAST(count(*) AS bigint) AS n FROM (SELECT a.unit_id FROM assignments AS a GROUP BY a.unit_id) AS u LEFT JOIN orders AS o ON o.member_id = u.unit_id AND o.net > 0`,
		"reference":            `SELECT CAST(count(*) AS bigint) AS n FROM members AS m JOIN (SELECT t.tier, lead(t.rank) OVER (ORDER BY t.rank NULLS LAST) AS next FROM tiers AS t) AS t ON t.tier = m.tier`,
		"one row":              `SELECT CAST(count(*) AS bigint) AS n FROM members AS m JOIN (SELECT min(r.cost) AS least FROM rewards AS r) AS c ON m.balance >= c.least`,
		"anti-join":            `SELECT CAST(count(*) AS bigint) AS n FROM (SELECT s.member_id FROM orders AS s WHERE NOT EXISTS (SELECT 1 FROM members AS t WHERE t.member_id = s.member_id AND t.is_test)) AS o`,
		"window":               `SELECT CAST(sum(w.n) AS bigint) AS n FROM (SELECT s.*, row_number() OVER (PARTITION BY s.member_id ORDER BY s.t NULLS LAST) AS n FROM (SELECT o.member_id, o.t FROM orders AS o) AS s) AS w JOIN members AS m ON m.member_id = w.member_id`,
		"union":                `SELECT CAST(sum(u.n) AS bigint) AS n FROM (SELECT o.member_id, o.net AS n FROM orders AS o UNION ALL SELECT p.member_id, p.points FROM points AS p) AS u JOIN members AS m ON m.member_id = u.member_id`,
		"meant":                "-- Gathers: keys\nSELECT CAST(count(*) AS bigint) AS n FROM (SELECT o.order_id FROM orders AS o GROUP BY o.order_id) AS d",
		"cast in an aggregate": `SELECT min(CAST(d.sample AS text) COLLATE "C") AS least FROM (SELECT o.member_id AS sample FROM orders AS o) AS d`,
		"quoted":               `SELECT CAST(count(*) AS bigint) AS n FROM (SELECT s."member_id" AS member_id FROM "orders" AS s) AS o JOIN (SELECT s."member_id" AS member_id FROM "members" AS s) AS m ON m.member_id = o.member_id`,
		"by a constant":        `SELECT CAST(sum(o.net / 100) + sum(o.net / nullif(o.items, 0)) AS double precision) AS n FROM orders AS o`,
	} {
		if found := shardlint.Check(text, layout); len(found) > 0 {
			t.Errorf("%s: %q", name, found)
		}
	}
}
