package metric

import (
	"slices"
	"strings"
)

func (p *parser) or() (*Condition, error)  { return p.chain("or", p.and) }
func (p *parser) and() (*Condition, error) { return p.chain("and", p.not) }

// chain reads parts joined by the word.
func (p *parser) chain(op string, part func() (*Condition, error)) (*Condition, error) {
	first, err := part()
	if err != nil {
		return nil, err
	}
	parts := []Condition{*first}
	for p.accept(op) {
		next, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, *next)
	}
	if len(parts) == 1 {
		return first, nil
	}
	return &Condition{Op: op, Parts: parts}, nil
}

func (p *parser) not() (*Condition, error) {
	if p.accept("not") {
		inner, err := p.not()
		if err != nil {
			return nil, err
		}
		return &Condition{Op: "not", Parts: []Condition{*inner}}, nil
	}
	if p.accept("(") {
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	return p.test()
}

func (p *parser) test() (*Condition, error) {
	column, err := p.column()
	if err != nil {
		return nil, err
	}
	c := &Condition{Column: column.Name}
	switch t := p.peek(); {
	case p.accept("is"):
		switch {
		case p.accept("known"):
			c.Op = "known"
		case p.accept("unknown"):
			c.Op = "unknown"
		default:
			return nil, p.wrong("known or unknown is expected")
		}
		return c, nil
	case p.accept("in"):
		c.Op = "in"
		return c, p.words(c, column)
	case t.kind == 's' && slices.Contains([]string{"=", "!=", "<", "<=", ">", ">="}, t.text):
		p.next++
		c.Op = t.text
		if column.Kind == Word {
			if c.Op != "=" && c.Op != "!=" {
				return nil, wrong("%s.%s is a word, which is never %s another", p.source.Name, column.Name, c.Op)
			}
			c.onWord = true
			word, err := p.word(column)
			c.Words = []string{word}
			return c, err
		}
		if column.Kind != Number {
			return nil, wrong("%s.%s is a %s, which is not compared", p.source.Name, column.Name, column.Kind)
		}
		c.Number, err = p.number()
		return c, err
	}
	if column.Kind != Flag {
		return nil, wrong("%s.%s is a %s; compare it, or ask whether it is known", p.source.Name, column.Name, column.Kind)
	}
	c.Op = "flag"
	return c, nil
}

// words takes the list of "in".
func (p *parser) words(c *Condition, column Column) error {
	if column.Kind != Word {
		return wrong("%s.%s is a %s, and in takes words", p.source.Name, column.Name, column.Kind)
	}
	if err := p.expect("("); err != nil {
		return err
	}
	for {
		word, err := p.word(column)
		if err != nil {
			return err
		}
		c.Words = append(c.Words, word)
		if !p.accept(",") {
			return p.expect(")")
		}
	}
}

// word takes a word; where the contract knows the column's words, one of them.
func (p *parser) word(column Column) (string, error) {
	t := p.peek()
	if t.kind != 'a' && t.kind != 'q' || t.kind == 'a' && slices.Contains(keywords, t.text) {
		return "", p.wrong("a word is expected")
	}
	p.next++
	if len(column.Words) > 0 && !slices.Contains(column.Words, t.text) {
		return "", wrong("%s.%s is never %s", p.source.Name, column.Name, quote(t.text)).OneOf(t.text, column.Words)
	}
	return t.text, nil
}

// SQL writes the condition over a row with the alias, whose columns have the
// names of the source's. Literal writes a text as an SQL literal; instead, if
// not nil, returns what to write for a column, "" for the column itself. No
// part of what it writes is anything but a column of the source, a number, a
// literal or a word of SQL.
func (c *Condition) SQL(alias string, literal, instead func(string) string) string {
	column := alias + "." + c.Column
	if instead != nil {
		if text := instead(c.Column); text != "" {
			column = text
		}
	}
	switch c.Op {
	case "and", "or":
		parts := make([]string, len(c.Parts))
		for i := range c.Parts {
			parts[i] = c.Parts[i].SQL(alias, literal, instead)
		}
		return "(" + strings.Join(parts, " "+strings.ToUpper(c.Op)+" ") + ")"
	case "not":
		return "NOT (" + c.Parts[0].SQL(alias, literal, instead) + ")"
	case "flag":
		return column
	case "known":
		return column + " IS NOT NULL"
	case "unknown":
		return column + " IS NULL"
	case "in":
		words := make([]string, len(c.Words))
		for i, w := range c.Words {
			words[i] = literal(w)
		}
		return column + " IN (" + strings.Join(words, ", ") + ")"
	}
	op := c.Op
	if op == "!=" {
		op = "<>"
	}
	if c.onWord {
		return column + " " + op + " " + literal(c.Words[0])
	}
	return column + " " + op + " " + number(c.Number)
}
