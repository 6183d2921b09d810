package metric

// ParseCondition reads a condition over the rows of one source, in the grammar of
// what follows "where" in an expression. An error is a *fault.Error of kind config
// without a field: it says what was wrong and which names are valid.
func ParseCondition(text string, source Source) (*Condition, error) {
	if len(text) > maxExpression {
		return nil, wrong("a condition of %d characters is too long; %d are possible", len(text), maxExpression)
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, sources: Sources{source}, source: source}
	c, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != 0 {
		return nil, wrong("%s at character %d comes after the end of the condition", quote(t.text), t.at+1)
	}
	return c, nil
}

// Columns returns the columns that the condition reads, each once.
func (c *Condition) Columns() []string { return c.columns() }
