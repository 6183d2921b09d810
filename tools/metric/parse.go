package metric

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"loyaltymcp/internal/fault"
)

// Parse reads an expression over the sources:
//
//	expression = ["-"] term { ("+" | "-") term }
//	term       = [number "*"] measure
//	measure    = "count" "(" source [where] ")"
//	           | "sum" "(" source "." column [where] ")"
//	           | "members" "(" source [where] ["at" "least" number] ")"
//	where      = "where" or
//	or         = and { "or" and }
//	and        = not { "and" not }
//	not        = "not" not | "(" or ")" | test
//	test       = flag | column "in" "(" word { "," word } ")"
//	           | column ("=" | "!=") (word | number) | column ("<" | "<=" | ">" | ">=") number
//	           | column "is" ("known" | "unknown")
//
// A word is a bare lower-case name or a text in single quotes. An error says
// what was wrong and which names are valid.
func Parse(text string, sources Sources) (Expression, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, sources: sources}
	e, err := p.expression()
	if err == nil && p.peek().kind != 0 {
		err = fmt.Errorf("%q at character %d comes after the end of the expression", p.peek().text, p.peek().at+1)
	}
	return e, err
}

type parser struct {
	tokens  []token
	next    int
	sources Sources
	source  Source // of the measure being read
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != 0 {
		p.next++
	}
	return t
}

// accept takes the next token if it is the word or symbol.
func (p *parser) accept(text string) bool {
	if t := p.peek(); (t.kind == 'a' || t.kind == 's') && t.text == text {
		p.next++
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if p.accept(text) {
		return nil
	}
	return p.wrong("%q is expected", text)
}

// wrong returns an error about the next token.
func (p *parser) wrong(format string, args ...any) error {
	want := fmt.Sprintf(format, args...)
	if t := p.peek(); t.kind != 0 {
		return fmt.Errorf("%s at character %d, not %q", want, t.at+1, t.text)
	}
	return fmt.Errorf("%s at the end", want)
}

func (p *parser) expression() (Expression, error) {
	var out Expression
	sign := 1.0
	if p.accept("-") {
		sign = -1
	}
	for {
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		t.Factor *= sign
		out = append(out, t)
		switch {
		case p.accept("+"):
			sign = 1
		case p.accept("-"):
			sign = -1
		default:
			return out, nil
		}
	}
}

func (p *parser) term() (Term, error) {
	factor := 1.0
	if p.peek().kind == '0' {
		var err error
		if factor, err = p.number(); err != nil {
			return Term{}, err
		}
		if err := p.expect("*"); err != nil {
			return Term{}, err
		}
	}
	m, err := p.measure()
	return Term{Factor: factor, Measure: m}, err
}

func (p *parser) number() (float64, error) {
	sign := 1.0
	if p.accept("-") {
		sign = -1
	}
	t := p.peek()
	x, err := strconv.ParseFloat(t.text, 64)
	if t.kind != '0' || err != nil {
		return 0, p.wrong("a number is expected")
	}
	p.next++
	return sign * x, nil
}

var aggregates = []string{string(CountRows), string(SumColumn), string(CountMembers)}

func (p *parser) measure() (Measure, error) {
	t := p.peek()
	if t.kind != 'a' || !slices.Contains(aggregates, t.text) {
		return Measure{}, p.wrong("one of %s is expected", strings.Join(aggregates, ", "))
	}
	p.next++
	m := Measure{Aggregate: Aggregate(t.text)}
	if err := p.expect("("); err != nil {
		return m, err
	}
	name := p.take()
	source, ok := p.sources.Find(name.text)
	if !ok || name.kind != 'a' {
		return m, unknown("source", name.text, p.sources.Names())
	}
	p.source, m.Source = source, source.Name
	if m.Aggregate == SumColumn {
		if err := p.expect("."); err != nil {
			return m, err
		}
		column, err := p.column()
		if err != nil {
			return m, err
		}
		if column.Kind != Number {
			return m, fmt.Errorf("%s.%s is %s, and only numbers have a sum", source.Name, column.Name, column.Kind)
		}
		m.Column = column.Name
	}
	var err error
	if p.accept("where") {
		if m.Where, err = p.or(); err != nil {
			return m, err
		}
	}
	if m.Aggregate == CountMembers {
		m.AtLeast = 1
		if p.accept("at") {
			if err := p.expect("least"); err != nil {
				return m, err
			}
			n, err := p.number()
			if err != nil {
				return m, err
			}
			if m.AtLeast = int(n); float64(m.AtLeast) != n || m.AtLeast < 1 {
				return m, fmt.Errorf("at least %v: a member has a whole number of rows, 1 or more", n)
			}
		}
	}
	return m, p.expect(")")
}

// column takes the name of one of the source's columns.
func (p *parser) column() (Column, error) {
	t := p.peek()
	if t.kind != 'a' || slices.Contains(keywords, t.text) {
		return Column{}, p.wrong("a column of %s is expected", p.source.Name)
	}
	c, ok := p.source.Column(t.text)
	if !ok {
		return c, unknown("column of "+p.source.Name, t.text, p.source.ColumnNames())
	}
	p.next++
	return c, nil
}

// unknown says that there is no such name, which is the nearest, and which
// there are.
func unknown(what, got string, valid []string) error {
	hint := ""
	if near := fault.Near(got, valid); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return fmt.Errorf("there is no %s %q%s Valid: %s", what, got, hint, strings.Join(valid, ", "))
}
