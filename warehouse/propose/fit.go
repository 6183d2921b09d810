package propose

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"loyaltymcp/warehouse"
)

// fit is how a shape explains the tables.
type fit struct {
	shape      *shape
	name       string
	confidence Confidence
	evidence   []string
	feeds      []Feed
	dimensions []string
	currency   Currency
	score      int
	idKind     string // how member ids had to be converted
}

// worth is how much a feed says for the shape.
func (f *fit) worth(feed Feed) int {
	return max(1, weights[feed.Name]) * int(feed.Confidence) * 10
}

// fit applies the shape; nil when nothing of it is there.
func (s *shape) fit(tables []warehouse.Table, readable []int, asked *asker) *fit {
	found := s.matches(tables, readable)
	if !s.plain && !slices.ContainsFunc(s.roles, func(r role) bool { return r.proof && found[r.id] != nil }) {
		return nil
	}
	f := &fit{shape: s, feeds: s.feeds(found, asked, "")}
	if mixedIDs(f.feeds) {
		f.idKind = "text"
		f.feeds = s.feeds(found, asked, f.idKind)
	}
	members := f.feed("members")
	acts := 0
	for _, feed := range f.feeds {
		if !feed.Mapped() {
			continue
		}
		if slices.Contains([]string{"points", "points_monthly", "orders", "redemptions", "tier_history"}, feed.Name) {
			acts++
		}
		f.score += f.worth(feed)
		f.evidence = append(f.evidence, feed.Evidence)
	}
	if s.plain && (acts == 0 || !members.Mapped() || vague(f)) {
		return nil // some table of customers, or of sales, is no program yet
	}
	if acts == 0 && !members.Mapped() {
		return nil
	}
	if !members.Mapped() {
		f.score /= 10
	}
	if s.plain {
		f.score-- // a vendor's own shape explains the same tables better
	}
	f.confidence = Sure
	for _, name := range []string{"members", "points", "points_monthly", "orders"} {
		if feed := f.feed(name); feed.Mapped() {
			f.confidence = min(f.confidence, feed.likeness)
		}
	}
	f.name = s.name
	if s.plain && f.confidence == Sure {
		f.name = "the feed contract"
	}
	f.dimensions = members.splits
	f.currency = f.findCurrency(found, asked)
	return f
}

// vague reports whether the tables are those of any business: accounts with
// transactions, contacts with invoices.
func vague(f *fit) bool {
	if !called(f.feed("members").From[0].Name, accounts) {
		return false
	}
	for _, name := range []string{"points", "points_monthly", "redemptions", "tier_history"} {
		if f.feed(name).Mapped() {
			return false
		}
	}
	orders := f.feed("orders")
	return !orders.Mapped() || !called(orders.From[0].Name, []string{"order", "sale", "purchase", "salesorder", "customerorder"})
}

func (f *fit) feed(name string) *Feed {
	return &f.feeds[slices.IndexFunc(f.feeds, func(feed Feed) bool { return feed.Name == name })]
}

// feeds makes every feed of the contract. The program has one ledger: where
// there are lines, months are left out.
func (s *shape) feeds(found map[string]*match, asked *asker, idKind string) []Feed {
	var out []Feed
	ledger := false
	for _, contract := range warehouse.Feeds() {
		feed := s.feed(contract, found, asked, idKind)
		if contract.Name == "points" {
			ledger = feed.Mapped()
		}
		if contract.Name == "points_monthly" && ledger {
			feed = Feed{Name: contract.Name, Why: "points has the lines, and only one of the two may be mapped"}
		}
		out = append(out, feed)
	}
	return out
}

// feed makes one feed by the first recipe that works. When none does, it says
// what the first that found its table lacks.
func (s *shape) feed(contract warehouse.Feed, found map[string]*match, asked *asker, idKind string) Feed {
	out := Feed{Name: contract.Name, Why: Nothing}
	if why := s.lacks[contract.Name]; why != "" {
		out.Why = why
	}
	told := false
	for _, r := range s.recipes {
		base := found[r.from]
		if r.feed != contract.Name || base == nil {
			continue
		}
		w := &writer{shape: s, contract: contract, recipe: r, found: found, base: base, asked: asked, idKind: idKind}
		feed, missing := w.write()
		if len(missing) == 0 {
			return feed
		}
		if !told && (!s.plain || base.named) {
			told = true
			out.Why = fmt.Sprintf("%s has nothing that could be %s", base.table, list(missing))
		}
	}
	return out
}

// mixedIDs reports whether member ids are of types that no engine compares.
func mixedIDs(feeds []Feed) bool {
	classes := map[warehouse.Type]bool{}
	for _, f := range feeds {
		if f.Mapped() && f.memberID != nil {
			t := f.memberID.typ
			if t == warehouse.DecimalType || t == warehouse.FloatType {
				t = warehouse.IntegerType
			}
			classes[t] = true
		}
	}
	return len(classes) > 1
}

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// findCurrency looks for a column of one currency code beside the amounts.
func (f *fit) findCurrency(found map[string]*match, asked *asker) Currency {
	for _, id := range []string{"orders", "export", "journals", "sessions", "transactions", "members"} {
		m := found[id]
		if m == nil {
			continue
		}
		for _, name := range strings.Split(currencyNames, "|") {
			c, ok := m.columns[name]
			if !ok {
				continue
			}
			where := fmt.Sprintf("%s of %s", c.Name, m.table)
			answer, known := asked.ask(Question{Table: m.index, Column: c.Name})
			if !known {
				return Currency{Note: where + " could not be read"}
			}
			codes := answer.distinct()
			switch {
			case len(codes) == 1 && currencyCode.MatchString(codes[0]) && !answer.partial():
				return Currency{Code: codes[0], Note: "the one value in " + where}
			case len(codes) == 1 && currencyCode.MatchString(codes[0]):
				return Currency{Code: codes[0], Note: fmt.Sprintf("the one value in the first %d rows of %s; check it", MaxRows, where)}
			case len(codes) > 1:
				return Currency{Note: fmt.Sprintf("%s has %d values; amounts of several currencies must not be added: convert them in the feed's sql", where, len(codes))}
			}
		}
	}
	return Currency{}
}
