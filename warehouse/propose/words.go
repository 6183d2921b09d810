package propose

import (
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/warehouse"
)

// translate writes the column's values in the contract's words. Of the values
// in the data only those appear in the text that are words of the dictionary.
func (w *writer) translate(c column, from source, text string) string {
	answer, known := w.asked.ask(w.valuesOf(from))
	var when []word
	add := func(value, to string) {
		value = strings.ToLower(value)
		if !slices.ContainsFunc(when, func(w word) bool { return w.from == value }) {
			when = append(when, word{from: value, to: to})
		}
	}
	if !w.shape.plain {
		for _, dictionary := range c.words {
			add(dictionary.from, dictionary.to)
		}
	}
	strange, lines := 0, int64(0)
	for _, value := range answer.Values {
		if strings.TrimSpace(value.Text) == "" {
			continue
		}
		if found, ok := lookUp(c.words, value.Text); ok {
			add(value.Text, found.to)
		} else {
			strange, lines = strange+1, lines+value.Rows
		}
	}
	switch {
	case !known && w.shape.plain:
		w.feed.Notes = append(w.feed.Notes, fmt.Sprintf("The values of %s could not be looked at; they are taken as they are.", from.Name))
		w.confidence = min(w.confidence, Likely)
	case strange > 0:
		w.feed.Notes = append(w.feed.Notes, fmt.Sprintf("CHECK: %d values of %s (%d rows) are no known words and are passed on as they are. Add a WHEN for each.", strange, from.Name, lines))
		w.confidence = min(w.confidence, Likely)
	}
	if !slices.ContainsFunc(when, func(w word) bool { return w.from != w.to }) {
		return text
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CASE lower(%s)", text)
	for _, v := range when {
		fmt.Fprintf(&b, "\n            WHEN %s THEN %s", warehouse.Literal(v.from), warehouse.Literal(v.to))
	}
	fmt.Fprintf(&b, "\n            ELSE lower(%s) END", text)
	return b.String()
}

// sign makes lines that take points away negative, where the data keep them
// positive. What the data do is looked at; the vendor's habit is asked only
// when they don't tell.
func (w *writer) sign(c column, amount string) string {
	i := slices.IndexFunc(w.recipe.columns, func(k column) bool {
		_, _, ok := w.scope.expand(k.expr, "")
		return k.to == "kind" && len(k.words) > 0 && ok
	})
	if i < 0 {
		return amount
	}
	kind := w.recipe.columns[i]
	text, reads, _ := w.scope.expand(kind.expr, "text")
	answer, known := w.asked.ask(w.valuesOf(reads[0]))
	var out []string
	if !w.shape.plain {
		for _, dictionary := range kind.words {
			if dictionary.takes() {
				out = append(out, strings.ToLower(dictionary.from))
			}
		}
	}
	var negative, positive int64
	for _, value := range answer.Values {
		if found, ok := lookUp(kind.words, value.Text); ok && found.takes() {
			negative, positive = negative+value.Negative, positive+value.Positive
			if v := strings.ToLower(value.Text); !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	flip := positive > 0 && negative == 0
	if !known || positive+negative == 0 {
		flip = c.unsigned
	}
	if !known {
		w.feed.Notes = append(w.feed.Notes, "CHECK: the signs of points could not be looked at; points that leave must come out negative.")
		w.confidence = min(w.confidence, Likely)
	}
	if positive > 0 && negative > 0 {
		w.feed.Notes = append(w.feed.Notes, "CHECK: lines that take points away have both signs; they are taken as they are. Points that leave must be negative.")
		w.confidence = min(w.confidence, Guess)
	}
	if !flip || len(out) == 0 {
		return amount
	}
	literals := make([]string, len(out))
	for i, v := range out {
		literals[i] = warehouse.Literal(v)
	}
	return fmt.Sprintf("CASE WHEN lower(%s) IN (%s)\n            THEN -%s ELSE %s END", text, strings.Join(literals, ", "), amount, amount)
}

// valuesOf is the question for the values of a column, beside which points
// stand in a ledger.
func (w *writer) valuesOf(from source) Question {
	q := Question{Table: from.match.index, Column: from.Name}
	for _, c := range w.recipe.columns {
		if !c.signed {
			continue
		}
		if _, reads, ok := w.scope.expand(c.expr, "num"); ok && len(reads) > 0 && reads[0].match == from.match {
			q.Amount = reads[0].Name
			break
		}
	}
	return q
}

// takes reports whether lines of the word take points away.
func (w word) takes() bool {
	return w.out || slices.Contains([]string{"redeem", "expire", "reverse_earn", "transfer_out"}, w.to)
}

// lookUp finds a value in a dictionary.
func lookUp(dictionary []word, value string) (word, bool) {
	plain := plainName(value)
	for _, w := range dictionary {
		if plainName(w.from) == plain {
			return w, true
		}
	}
	return word{}, false
}

// speak makes a dictionary of the contract's words and their synonyms, which
// are separated by spaces.
func speak(groups ...[2]string) []word {
	var out []word
	for _, g := range groups {
		for _, from := range strings.Fields(g[1]) {
			out = append(out, word{from: from, to: g[0]})
		}
	}
	return out
}

// The usual words of the plain shape.
var (
	kinds = speak(
		[2]string{"earn", "earn earned earning accrual accrue accrued credit credited purchase add addition added adding award awarded issue issued points_earned"},
		[2]string{"bonus", "bonus promo promotion welcome birthday campaign gift"},
		[2]string{"redeem", "redeem redeemed redemption burn burned spend spent spending debit debited subtract subtracted subtraction deduct deducted deduction use used reward points_redeemed"},
		[2]string{"expire", "expire expired expiry expiration lapse lapsed"},
		[2]string{"reverse_earn", "reverse_earn reversal reverse reversed refund return returned clawback earn_reversal"},
		[2]string{"reimburse", "reimburse reimbursed reimbursement redemption_refund redeem_reversal redemption_reversal"},
		[2]string{"adjust", "adjust adjusted adjustment manual correction migration import opening_balance"},
		[2]string{"transfer_in", "transfer_in"}, [2]string{"transfer_out", "transfer_out"})
	orderStatus = speak(
		[2]string{"cancelled", "cancelled canceled cancel annulled"},
		[2]string{"pending", "pending open unpaid created new draft on_hold awaiting_payment authorized"},
		[2]string{"void", "void voided failed declined error test"},
		[2]string{"completed", "completed complete paid fulfilled shipped delivered closed done processed success"},
		[2]string{"refunded", "refunded partially_refunded returned partially_returned"})
	memberStatus = speak(
		[2]string{"active", "active enabled open enrolled"},
		[2]string{"cancelled", "cancelled canceled closed deleted left churned terminated"},
		[2]string{"blocked", "blocked suspended banned frozen locked disabled"},
		[2]string{"merged", "merged duplicate"})
	lineStatus = speak(
		[2]string{"cancelled", "cancelled canceled void voided failed"},
		[2]string{"pending", "pending locked"},
		[2]string{"active", "active posted confirmed completed processed success available"})
)
