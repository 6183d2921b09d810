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
// A word is a bare lower-case name or a text in single quotes. An error is a
// *fault.Error of kind config without a field: it says what was wrong and which
// names are valid.
func Parse(text string, sources Sources) (Expression, error) {
	if len(text) > maxExpression {
		return nil, wrong("an expression of %d characters is too long; %d are possible", len(text), maxExpression)
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, sources: sources}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != 0 {
		return nil, wrong("%s at character %d comes after the end of the expression", quote(t.text), t.at+1)
	}
	return e, nil
}

// The bounds of what is read: far above what a metric needs, and low enough
// that nothing nests too deep and every number can be written out.
const (
	maxExpression = 2000
	maxNumber     = 1e15
)

// wrong returns an error about an expression or a definition.
func wrong(format string, args ...any) *fault.Error {
	return fault.New(fault.Config, "", format, args...)
}

// quote quotes what was written, as far as a message needs it.
func quote(text string) string {
	if short := []rune(text); len(short) > 40 {
		text = string(short[:40]) + "..."
	}
	return strconv.Quote(text)
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
		return wrong("%s at character %d, not %s", want, t.at+1, quote(t.text))
	}
	return wrong("%s at the end", want)
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
		if factor == 0 {
			return Term{}, wrong("a factor of 0 leaves nothing of a measure")
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
	if t.kind != '0' || err != nil || x > maxNumber {
		return 0, p.wrong("a number of at most 15 digits is expected")
	}
	p.next++
	return sign*x + 0, nil // + 0, so that there is no -0
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
			return m, wrong("%s.%s is a %s, and only numbers have a sum", source.Name, column.Name, column.Kind)
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
				return m, wrong("at least %v: a member has a whole number of rows, 1 or more", n)
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

// unknown says that there is no such name, and which there are.
func unknown(what, got string, valid []string) error {
	return wrong("there is no %s %s", what, quote(got)).OneOf(got, valid)
}
