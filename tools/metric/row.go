package metric

// Row writes, as SQL, what a row of the measure's source adds to it: the
// column's value, or 1, where the condition holds, and else nothing. Alias,
// literal and instead are as for Condition.SQL; also is a further condition, ""
// for none.
func (m Measure) Row(alias string, literal, instead func(string) string, also string) string {
	what, other := "1", " ELSE 0"
	if m.Aggregate == SumColumn {
		what, other = alias+"."+m.Column, ""
	}
	where := also
	if m.Where != nil {
		if where != "" {
			where += " AND "
		}
		where += m.Where.SQL(alias, literal, instead)
	}
	if where == "" {
		return what
	}
	return "CASE WHEN " + where + " THEN " + what + other + " END"
}
