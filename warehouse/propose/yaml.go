package propose

import (
	"encoding/json"
	"fmt"
	"strings"

	"loyaltymcp/warehouse"
)

// Options are what the data can't tell.
type Options struct {
	Name, Currency, TimeZone string // "" where they are to be filled in
	Warehouse                string // for the file; without a password
	Source                   string // what was looked at, for people
}

// NoCurrency is the ISO 4217 code for no currency. It stands where the
// currency is to be filled in, so that the file is valid until then.
const NoCurrency = "XXX"

// YAML writes the proposal as a loyalty.yaml that teaches. All that comes from
// the database is quoted or, in comments, reduced to one line.
func (p *Proposal) YAML(o Options) []byte {
	b := &page{}
	b.comment("", "Proposed by loyalty-mcp init from "+oneLine(o.Source)+".")
	if p.Shape == "" {
		b.comment("", "Nothing in it looks like a loyalty program.")
	} else {
		b.comment("", fmt.Sprintf("It looks like %s (%s).", p.Shape, p.Confidence))
	}
	for _, other := range p.Others {
		b.comment("", "Also seen: "+oneLine(other)+".")
	}
	b.comment("", "")
	b.comment("", "SURE: documented names, or the contract's own. LIKELY: the usual names. GUESS: the best of what is there.")
	b.comment("", "Look at every line marked CHECK or FILL IN, then run: loyalty-mcp check")
	b.program(p, o)
	fmt.Fprintf(b, "\nwarehouse: %s\n", quoted(o.Warehouse))
	if len(p.Dimensions) > 0 {
		b.line("")
		b.comment("", "Further columns of members by which figures can be broken down, besides tier, region, channel and cohort.")
		fmt.Fprintf(b, "dimensions: [%s]\n", strings.Join(p.Dimensions, ", "))
	}
	b.feeds(p)
	b.unused(p)
	b.line("")
	b.comment("", "More that may stand here (definitions, targets, thresholds, owners, privacy) is in loyalty.example.yaml.")
	return []byte(b.String())
}

// page gathers the file.
type page struct{ strings.Builder }

func (b *page) line(text string) { b.WriteString(text + "\n") }

// comment writes text as comment lines of at most about 100 characters.
func (b *page) comment(indent, text string) { b.wrap(indent+"#", text) }

// wrap writes text as lines that begin with the prefix.
func (b *page) wrap(prefix, text string) {
	line := prefix
	for _, word := range strings.Fields(text) {
		if len(line)+len(word) > 100 && line != prefix {
			b.line(line)
			line = prefix
		}
		line += " " + word
	}
	b.line(line)
}

func (b *page) program(p *Proposal, o Options) {
	b.line("program:")
	b.setting("name", o.Name, "My Rewards", "FILL IN the program's name")
	b.setting("time_zone", o.TimeZone, "UTC", "FILL IN where a day of the program begins and ends, such as Europe/Berlin")
	switch {
	case o.Currency != "":
		b.line("  currency: " + quoted(o.Currency))
	case p.Currency.Code != "":
		b.line("  currency: " + p.Currency.Code + " # " + oneLine(p.Currency.Note))
	default:
		b.line("  currency: " + NoCurrency + " # FILL IN the code, such as EUR; XXX is none, and check will call it an error")
		if p.Currency.Note != "" {
			b.comment("  ", "CHECK: "+oneLine(p.Currency.Note)+".")
		}
	}
	b.comment("  ", "What a point is worth to a member, and what redeeming it costs you. No table says so, and it is not guessed: without them the liability stays unknown.")
	b.line("  # point_value: 0.01")
	b.line("  # cost_per_point: 0.008")
}

func (b *page) setting(key, given, otherwise, hint string) {
	if given != "" {
		b.line("  " + key + ": " + quoted(given))
		return
	}
	b.line("  " + key + ": " + otherwise + " # " + hint)
}

func (b *page) feeds(p *Proposal) {
	b.line("")
	b.comment("", "Timestamps that carry no time zone are taken for UTC. Where a feed's are local, give it a time_zone.")
	b.line("feeds:")
	var absent []warehouse.Feed
	for _, contract := range warehouse.Feeds() {
		switch f := p.Feed(contract.Name); {
		case f.Mapped():
			b.mapped(contract, f)
		case f.Why == Nothing && f.Else == "":
			absent = append(absent, contract)
		case contract.Name == "points_monthly" && p.Feed("points").Mapped():
			// The lines serve better.
		default:
			b.unmapped(contract, f)
		}
	}
	if len(absent) == 0 {
		return
	}
	b.line("")
	b.comment("  ", "NOT MAPPED, because "+Nothing+":")
	for _, contract := range absent {
		b.line("  # " + contract.Name + ": {table: your_table}")
		b.wrap("  #    ", contract.Means+": "+needs(contract))
	}
}

// needs lists a feed's columns.
func needs(contract warehouse.Feed) string {
	var required, optional []string
	for _, c := range contract.Columns {
		if c.Required {
			required = append(required, c.Name)
		} else {
			optional = append(optional, c.Name)
		}
	}
	text := strings.Join(required, ", ")
	if len(optional) > 0 {
		text += "; optional: " + strings.Join(optional, ", ")
	}
	return text
}

func (b *page) mapped(contract warehouse.Feed, f *Feed) {
	b.line("")
	b.comment("  ", fmt.Sprintf("%s: %s. %s: %s.", f.Name, contract.Means, strings.ToUpper(f.Confidence.String()), oneLine(f.Evidence)))
	for _, note := range f.Notes {
		b.comment("  ", oneLine(note))
	}
	if len(f.Missing) > 0 {
		b.comment("  ", "Not found: "+strings.Join(f.Missing, ", ")+".")
	}
	b.line("  " + f.Name + ":")
	if f.Grain == warehouse.GrainMonth && contract.Name != "points_monthly" {
		b.line("    grain: month # its dates are only months")
	}
	if f.Table != "" {
		b.line("    table: " + quoted(f.Table))
		return
	}
	b.sql("    ", f.SQL)
}

// sql writes a statement as a literal block, or quoted where it holds
// characters that a block can't.
func (b *page) sql(indent, text string) {
	if strings.ContainsFunc(text, unprintable) || strings.Contains(text, " \n") || strings.Contains(text, "\n\n") {
		b.line(indent + "sql: " + quoted(text))
		return
	}
	b.line(indent + "sql: |")
	for _, line := range strings.Split(text, "\n") {
		b.line(indent + "  " + line)
	}
}

func unprintable(r rune) bool {
	return r != '\n' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r == '\ufffd')
}

func (b *page) unmapped(contract warehouse.Feed, f *Feed) {
	b.line("")
	b.comment("  ", fmt.Sprintf("%s: %s. NOT MAPPED: %s.", f.Name, contract.Means, oneLine(f.Why)))
	b.comment("  ", "It needs "+needs(contract)+".")
	if f.Else == "" || strings.ContainsFunc(f.Else, unprintable) {
		b.line("  # " + f.Name + ": {table: your_table}")
		return
	}
	b.comment("  ", "From "+oneLine(f.ElseFrom)+":")
	b.line("  # " + f.Name + ":")
	b.line("  #   sql: |")
	for _, line := range strings.Split(f.Else, "\n") {
		b.line("  #     " + line)
	}
}

func (b *page) unused(p *Proposal) {
	if len(p.Related) > 0 {
		b.line("")
		b.comment("", "Not used, but named as if they belonged:")
		for _, t := range p.Related {
			b.comment("  ", oneLine(t.String())+" ("+columnNames(t)+")")
		}
	}
	if p.Unused > 0 {
		b.line("")
		b.comment("", fmt.Sprintf("%d further tables are not used.", p.Unused))
	}
	if len(p.Denied) > 0 {
		b.line("")
		b.comment("", fmt.Sprintf("The role may not read %s. GRANT SELECT on what belongs to the program, and run init again.", oneLine(tableNames(p.Denied))))
	}
}

// columnNames lists a table's first columns.
func columnNames(t warehouse.Table) string {
	const most = 8
	var names []string
	for i, c := range t.Columns {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(t.Columns)-most))
			break
		}
		names = append(names, oneLine(c.Name))
	}
	return strings.Join(names, ", ")
}

// quoted writes text as a YAML scalar: bare where that is safe, else in double
// quotes. A JSON string is one.
func quoted(text string) string {
	safe := text != "" && strings.IndexFunc(text, func(r rune) bool {
		return !(r == '_' || r == '/' || r == '.' || r == ':' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	}) < 0
	first := text
	if len(first) > 0 {
		first = first[:1]
	}
	if safe && strings.ToLower(first) != strings.ToUpper(first) && !strings.HasSuffix(text, ":") && !reserved[strings.ToLower(text)] {
		return text
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic("propose: quoting: " + err.Error()) // a string always encodes
	}
	var out strings.Builder
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		if r >= 0x7f && r < 0xa0 || r == '\ufeff' {
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// reserved are words that YAML reads as something else than text.
var reserved = map[string]bool{"true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "null": true, "y": true, "n": true}
