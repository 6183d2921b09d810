package warehouse

import "context"

// never is a moment after all others: who has no end, ends then.
const never = "TIMESTAMP '9999-01-01 00:00:00'"

// checkSpells looks whether members' spells in tiers lie apart, so that none
// has to be cut where the next starts: a sort of the feed that each query by
// tier would make anew. A live database, which is bound for every snapshot, is
// not looked at. What can't be read is left for the query that needs it to say.
func (c *Catalog) checkSpells(ctx context.Context, reader Reader) error {
	b, ok := c.feeds["tier_history"]
	if !ok || b.empty || reader.Generation() == "" {
		return nil
	}
	text := "SELECT CAST(count(*) AS bigint) FROM (SELECT coalesce(s.effective_to, " + never + ") AS ends," +
		" coalesce(lead(s.effective_from) OVER (PARTITION BY s.member_id ORDER BY s.effective_from NULLS LAST, s.tier NULLS LAST), " + never + ") AS next" +
		" FROM " + b.selection(c.zone, nil) + " AS s) AS p WHERE p.ends > p.next"
	var cut int64
	err := reader.Query(ctx, text, nil, func(row Row) error { return row.Scan(&cut) })
	c.apart = err == nil && cut == 0
	return ctx.Err()
}
