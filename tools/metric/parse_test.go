package metric

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

func TestParse(t *testing.T) {
	sources := mustSources(t)
	for _, c := range []struct{ text, want string }{ // want: the one form
		{"count(orders)", "count(orders)"},
		{" count ( orders where member ) ", "count(orders where member)"},
		{"sum(points.redeemed)-sum(points.reimbursed)", "sum(points.redeemed) - sum(points.reimbursed)"},
		{"-2*count(open)+.5*count(start)", "-2 * count(open) + 0.5 * count(start)"},
		{"1 * count(open)", "count(open)"},
		{"members(orders where member at least 2)", "members(orders where member at least 2)"},
		{"members(orders at least 1)", "members(orders)"},
		{"count(engagement where kind='click'and first)", "count(engagement where kind = click and first)"},
		{"count(engagement where kind in(open,'click'))", "count(engagement where kind in (open, click))"},
		{"count(orders where (member))", "count(orders where member)"},
		{"count(orders where not (not member))", "count(orders where not not member)"},
		{"count(orders where (member and earned) or rewarded)", "count(orders where member and earned or rewarded)"},
		{"count(orders where member and (earned or rewarded))", "count(orders where member and (earned or rewarded))"},
		{"count(orders where not (member or earned))", "count(orders where not (member or earned))"},
		{"count(orders where net >= -1.50)", "count(orders where net >= -1.5)"},
		{"count(orders where net = -0)", "count(orders where net = 0)"},
		{"count(orders where margin is unknown or margin is known)", "count(orders where margin is unknown or margin is known)"},
		{"count(orders where channel = 'Store')", "count(orders where channel = 'Store')"},
		{"count(orders where channel = 'store')", "count(orders where channel = store)"},
		{"count(orders where channel = 'where')", "count(orders where channel = 'where')"},
		{"count(orders where channel != 'O''Hara')", "count(orders where channel != 'O''Hara')"},
		{"count(orders where channel = '')", "count(orders where channel = '')"},
	} {
		e, err := Parse(c.text, sources)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got := e.String(); got != c.want {
			t.Errorf("%q = %q, want %q", c.text, got, c.want)
		}
	}
}

// An error says what is wrong, and which names are valid where there is a list.
func TestParseRefuses(t *testing.T) {
	sources := mustSources(t)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", []string{"one of count, sum, members is expected at the end"}},
		{"42", []string{`"*" is expected at the end`}},
		{"total(orders)", []string{"one of count, sum, members", `not "total"`}},
		{"count", []string{`"(" is expected at the end`}},
		{"count(order)", []string{`no source "order"`, "valid: orders,"}},
		{"count()", []string{`no source ")"`, "valid: "}},
		{"count('orders')", []string{"no source"}},
		{"sum(orders)", []string{`"." is expected`}},
		{"count(orders.net)", []string{`")" is expected at character 13, not "."`}},
		{"sum(orders.nett)", []string{`no column of orders "nett"`, "valid: net,"}},
		{"sum(orders.channel)", []string{"orders.channel is a word, and only numbers have a sum"}},
		{"sum(orders.member)", []string{"orders.member is a flag"}},
		{"count(orders where)", []string{"a column of orders is expected at the end"[:20], `not ")"`}},
		{"count(orders where nett > 3)", []string{`no column of orders "nett"`, "valid: net,"}},
		{"count(orders where net)", []string{"orders.net is a number; compare it, or ask whether it is known"}},
		{"count(orders where net > much)", []string{"a number", `not "much"`}},
		{"count(orders where net > 1.2.3)", []string{"a number", "1.2.3"}},
		{"count(orders where net > 9999999999999999)", []string{"a number of at most 15 digits"}},
		{"count(orders where net in (1, 2))", []string{"orders.net is a number, and in takes words"}},
		{"count(orders where channel > store)", []string{"orders.channel is a word, which is never >"}},
		{"count(orders where channel = 3)", []string{"a word is expected", `not "3"`}},
		{"count(orders where channel = and)", []string{"a word is expected"}},
		{"count(orders where member = 1)", []string{"orders.member is a flag, which is not compared"}},
		{"count(orders where net is set)", []string{"known or unknown is expected", `not "set"`}},
		{"count(engagement where kind = clik)", []string{`engagement.kind is never "clik"`, "valid: click,"}},
		{"count(engagement where kind in (open, clik))", []string{`engagement.kind is never "clik"`, "valid: click,"}},
		{"count(engagement where kind in open)", []string{`"(" is expected`}},
		{"count(engagement where kind in (open click))", []string{`")" is expected`}},
		{"count(engagement where kind in ())", []string{"a word is expected"}},
		{"count(orders where member or)", []string{"a column of orders is expected"}},
		{"count(orders where (member)", []string{`")" is expected at the end`}},
		{"count(orders where not)", []string{"a column of orders is expected"}},
		{"count(orders at least 2)", []string{`")" is expected`, `not "at"`}},
		{"members(orders at 2)", []string{`"least" is expected`}},
		{"members(orders at least 0)", []string{"at least 0", "1 or more"}},
		{"members(orders at least 1.5)", []string{"at least 1.5", "a whole number"}},
		{"members(orders at least many)", []string{"a number"}},
		{"count(orders) count(orders)", []string{`"count" at character 15 comes after the end`}},
		{"count(orders) / count(open)", []string{`"/" at character 15 is no part of an expression`}},
		{"count(orders) +", []string{"one of count, sum, members is expected at the end"}},
		{"0 * count(orders)", []string{"a factor of 0"}},
		{"2 count(orders)", []string{`"*" is expected`}},
		{"Count(orders)", []string{`"C" at character 1 is no part`, "lower-case"}},
		{"count(orders where channel = Store)", []string{`"S" at character 30`, "single quotes"}},
		{"count(orders where channel = \"store\")", []string{"is no part of an expression"}},
		{"count(orders where channel = 'store)", []string{"the quote at character 30 is never closed"}},
		{"count(orders where channel = 'a\x00b')", []string{"character 30"}},
		{"count(orders where channel = 'a\nb')", []string{"character 30"}},
		{"count(orders where channel = '\xff')", []string{"character 30"}},
		{"count(orders where net ! 3)", []string{"! at character 24 stands alone"}},
		{"count(orders where net == 3)", []string{"== at character 24", "write ="}},
		{"count(orders); drop table members", []string{`";" at character 14 is no part`}},
		{"count(ordérs)", []string{`"é" at character 10`}},
		{strings.Repeat("(", 5000), []string{"5000 characters is too long; 2000 are possible"}},
		{"count(orders where " + strings.Repeat("not ", 400) + "nett)", []string{"no column of orders"}},
		{"count(orders where channel = " + strings.Repeat("a", 500) + " " + strings.Repeat("b", 500) + ")", []string{`bbb..."`}},
	} {
		e, err := Parse(c.text, sources)
		if !fault.Is(err, fault.Config) || e != nil {
			t.Errorf("%.60q = %v, error %v, want one of kind config", c.text, e, err)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%.60q: error %q lacks %q", c.text, err, part)
			}
		}
		if len(err.Error()) > 700 {
			t.Errorf("%.60q: an error of %d bytes: %v", c.text, len(err.Error()), err)
		}
	}
}

// drawCondition draws a condition over the source's columns.
func drawCondition(t *rapid.T, source Source, depth int) *Condition {
	if depth > 0 && rapid.IntRange(0, 2).Draw(t, "compound") > 0 {
		op := rapid.SampledFrom([]string{"and", "or", "not"}).Draw(t, "op")
		n := 1
		if op != "not" {
			n = rapid.IntRange(2, 3).Draw(t, "parts")
		}
		c := &Condition{Op: op}
		for range n {
			c.Parts = append(c.Parts, *drawCondition(t, source, depth-1))
		}
		return c
	}
	column := rapid.SampledFrom(source.Columns).Draw(t, "column")
	c := &Condition{Column: column.Name}
	if rapid.IntRange(0, 4).Draw(t, "known") == 0 {
		c.Op = rapid.SampledFrom([]string{"known", "unknown"}).Draw(t, "op")
		return c
	}
	word := rapid.OneOf(rapid.SampledFrom([]string{"store", "where", "O'Hara", "x' OR '1'='1", "'", "a b", "", "\\", "--", "7"}),
		rapid.StringMatching(`[^\x00-\x1f\x7f-\x9f]{0,8}`))
	if len(column.Words) > 0 {
		word = rapid.SampledFrom(column.Words)
	}
	switch column.Kind {
	case Flag:
		c.Op = "flag"
	case Number:
		c.Op = rapid.SampledFrom([]string{"=", "!=", "<", "<=", ">", ">="}).Draw(t, "op")
		c.Number = float64(rapid.IntRange(-1e9, 1e9).Draw(t, "number")) / rapid.SampledFrom([]float64{1, 8, 1e4, 1e7}).Draw(t, "unit")
	case Word:
		if c.Op = rapid.SampledFrom([]string{"=", "!=", "in"}).Draw(t, "op"); c.Op == "in" {
			c.Words = rapid.SliceOfN(word, 1, 3).Draw(t, "words")
		} else {
			c.onWord, c.Words = true, []string{word.Draw(t, "word")}
		}
	default:
		c.Op = "known"
	}
	return c
}

func drawExpression(t *rapid.T, sources Sources) Expression {
	var e Expression
	for range rapid.IntRange(1, 3).Draw(t, "terms") {
		source := rapid.SampledFrom(sources).Draw(t, "source")
		m := Measure{Aggregate: rapid.SampledFrom([]Aggregate{CountRows, SumColumn, CountMembers}).Draw(t, "aggregate"), Source: source.Name}
		numbers := slices.DeleteFunc(slices.Clone(source.Columns), func(c Column) bool { return c.Kind != Number })
		if m.Aggregate == SumColumn && len(numbers) == 0 {
			m.Aggregate = CountRows
		}
		switch m.Aggregate {
		case SumColumn:
			m.Column = rapid.SampledFrom(numbers).Draw(t, "summed").Name
		case CountMembers:
			m.AtLeast = rapid.IntRange(1, 9).Draw(t, "at least")
		}
		if rapid.Bool().Draw(t, "where") {
			m.Where = drawCondition(t, source, 2)
		}
		factor := float64(rapid.IntRange(1, 1000).Draw(t, "factor")) / rapid.SampledFrom([]float64{1, 2, 1000}).Draw(t, "per")
		if rapid.Bool().Draw(t, "minus") {
			factor = -factor
		}
		e = append(e, Term{Factor: factor, Measure: m})
	}
	return e
}

// truth is what SQL makes of a condition: true, false or unknown.
type truth int

const (
	no truth = iota
	unsure
	yes
)

// holds evaluates a condition on a row, given as what each test of it comes to.
func holds(c *Condition, row func(*Condition) truth) truth {
	switch c.Op {
	case "not":
		return yes - holds(&c.Parts[0], row)
	case "and", "or":
		out := holds(&c.Parts[0], row)
		for i := range c.Parts[1:] {
			x := holds(&c.Parts[i+1], row)
			if c.Op == "and" {
				out = min(out, x)
			} else {
				out = max(out, x)
			}
		}
		return out
	}
	return row(c)
}

// An expression that is written and read again is the same, in its one form and
// in what it selects.
func TestRoundTrip(t *testing.T) {
	sources := mustSources(t)
	rapid.Check(t, func(t *rapid.T) {
		e := drawExpression(t, sources)
		text := e.String()
		back, err := Parse(text, sources)
		if err != nil && len(text) > maxExpression {
			t.Skip("longer than is read")
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := back.String(); got != text {
			t.Fatalf("%q came back as %q", text, got)
		}
		salt := rapid.IntRange(0, 1<<20).Draw(t, "row")
		row := func(c *Condition) truth { // any test may come to anything, but to the same wherever it stands
			h := salt
			for _, b := range []byte(c.String()) {
				h = (h*31 + int(b)) & (1<<30 - 1)
			}
			return truth(h / 7 % 3)
		}
		for i, term := range e {
			got := back[i]
			if got.Factor != term.Factor || got.Measure.Aggregate != term.Measure.Aggregate || got.Measure.Source != term.Measure.Source ||
				got.Measure.Column != term.Measure.Column || got.Measure.AtLeast != term.Measure.AtLeast {
				t.Fatalf("%q came back as %+v, want %+v", text, got, term)
			}
			if (got.Measure.Where == nil) != (term.Measure.Where == nil) {
				t.Fatalf("%q: the condition came or went", text)
			}
			if term.Measure.Where == nil {
				continue
			}
			if a, b := holds(term.Measure.Where, row), holds(got.Measure.Where, row); a != b {
				t.Fatalf("%q selects otherwise: %v, want %v", text, b, a)
			}
			if a, b := slices.Sorted(slices.Values(term.Measure.Columns())), slices.Sorted(slices.Values(got.Measure.Columns())); !slices.Equal(a, b) {
				t.Fatalf("%q reads %v, want %v", text, b, a)
			}
		}
	})
}

var (
	sqlLiteral = regexp.MustCompile(`'(?:[^']|'')*'`)
	// What may stand in a condition's SQL beside literals.
	sqlPart = regexp.MustCompile(`^(?:e\.([a-z_0-9]+)|-?[0-9]+(?:\.[0-9]+)?|AND|OR|NOT|IN|IS|NULL|L|=|<>|<|<=|>|>=|\(|\)|,)$`)
	sqlCut  = regexp.MustCompile(`[(),]|[^\s(),]+`)
)

// Whatever words an expression has, its SQL is made of the source's columns,
// numbers, literals and words of SQL, and the literals hold those words.
func TestNoWordLeavesItsLiteral(t *testing.T) {
	sources := mustSources(t)
	rapid.Check(t, func(t *rapid.T) {
		source := rapid.SampledFrom(sources).Draw(t, "source")
		checkSQL(t, source, drawCondition(t, source, 2))
	})
	for _, word := range []string{"x' OR '1'='1", "'; DROP TABLE members; --", "\\' OR 1=1 --", "''", "$1", "{{feed \"orders\"}}", "/*", "?"} {
		text := "count(orders where channel = '" + strings.ReplaceAll(word, "'", "''") + "' or not channel in (store, '" + strings.ReplaceAll(word, "'", "''") + "'))"
		e, err := Parse(text, sources)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		source, _ := sources.Find("orders")
		checkSQL(t, source, e[0].Measure.Where)
		// Written without its quotes doubled, it is either refused or another text.
		if e, err := Parse("count(orders where channel = '"+word+"')", sources); err == nil {
			checkSQL(t, source, e[0].Measure.Where)
		}
	}
}

// checkSQL checks the SQL of a condition over the source.
func checkSQL(t interface{ Fatalf(string, ...any) }, source Source, c *Condition) {
	sql := c.SQL("e", warehouse.Literal, nil)
	var words, got []string
	var gather func(*Condition)
	gather = func(c *Condition) {
		words = append(words, c.Words...)
		for i := range c.Parts {
			gather(&c.Parts[i])
		}
	}
	gather(c)
	rest := sqlLiteral.ReplaceAllStringFunc(sql, func(literal string) string {
		got = append(got, strings.ReplaceAll(literal[1:len(literal)-1], "''", "'"))
		return " L "
	})
	if !slices.Equal(got, words) {
		t.Fatalf("the literals of %s hold %q, want %q", sql, got, words)
	}
	for _, part := range sqlCut.FindAllString(rest, -1) {
		m := sqlPart.FindStringSubmatch(part)
		if m == nil {
			t.Fatalf("%s holds %q", sql, part)
		}
		if _, ok := source.Column(m[1]); m[1] != "" && !ok {
			t.Fatalf("%s reads %q, no column of %s", sql, m[1], source.Name)
		}
	}
}

func FuzzParse(f *testing.F) {
	sources := mustSources(f)
	for _, d := range mustLoad(f) {
		f.Add(d.Numerator)
	}
	for _, seed := range []string{"", "count(orders where channel = 'x''y' or not net <= -1.5)", "-0.5*members(open at least 3)-sum(points.points)",
		"count(engagement where kind in (open, 'click') and (first or channel is unknown))", "count(orders); DROP TABLE members --", "count(orders where channel = '", "1.2.3 * x", "\xff\x00é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text, sources)
		if err != nil {
			if !fault.Is(err, fault.Config) || len(err.Error()) > 1000 || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%q: error of kind %s and %d bytes: %v", text, fault.KindOf(err), len(err.Error()), err)
			}
			return
		}
		once := e.String()
		back, err := Parse(once, sources)
		if err != nil && len(once) > maxExpression {
			return // a text can have a longer form than it was written in
		}
		if err != nil || back.String() != once {
			t.Fatalf("%q is written as %q, which is read as %q, %v", text, once, back, err)
		}
		for _, m := range e.Measures() {
			source, _ := sources.Find(m.Source)
			if m.Where != nil {
				checkSQL(t, source, m.Where)
			}
		}
	})
}

func ExampleParse() {
	sources, err := LoadSources()
	if err != nil {
		fmt.Println(err)
		return
	}
	e, _ := Parse("sum(orders.net where member and channel in (store, app))", sources)
	fmt.Println(e)
	fmt.Println(e[0].Measure.Where.SQL("o", warehouse.Literal, nil))
	_, err = Parse("sum(orders.profit)", sources)
	fmt.Println(err)
	// Output:
	// sum(orders.net where member and channel in (store, app))
	// (o.member AND o.channel IN ('store', 'app'))
	// there is no column of orders "profit"; valid: gross, margin, net, refund, region, discount, earned, items, member, status, channel, rewarded
}
