package writeplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/run"
)

// editor changes what may be changed of a plan: its backlog, its objective and
// what is done about its escalations. Each change enters the change log with its
// reason; what is taken out is kept under dropped.
type editor struct {
	*facts
	plan *Plan
	by   string
	at   time.Time
}

// log adds a line to the plan's change log.
func (e *editor) log(what, before, after string) {
	e.plan.ChangeLog = append(e.plan.ChangeLog, Change{At: e.at, By: e.by, What: what, Before: before, After: after, Revision: e.plan.Revision})
}

// words checks a text of the caller's: plain words, and no figure but the run's.
func (e *editor) words(field, text string, cited []Evidence) error {
	if err := plainWords(field, text); err != nil {
		return err
	}
	return e.quote(field, text, cited)
}

// items adds, changes, re-ranks and drops items as an agent asks.
func (e *editor) items(args []ItemArg) error {
	for i, a := range args {
		field := fmt.Sprintf("items[%d]", i)
		var err error
		if a.ID == "" {
			err = e.add(field, a)
		} else {
			err = e.change(field, a)
		}
		if err != nil {
			return err
		}
	}
	identify(e.plan.Backlog, e.plan.Dropped)
	e.plan.Backlog = place(e.plan.Backlog)
	return nil
}

// add puts a new item into the backlog.
func (e *editor) add(field string, a ItemArg) error {
	for _, part := range []struct{ name, text string }{{"type", a.Type}, {"title", a.Title}, {"why", a.Why}} {
		if part.text == "" {
			return fault.New(fault.Invalid, field+"."+part.name, "is missing from a new item").
				Then("A new item has type, title, why and evidence; to change an item of the backlog name its id")
		}
	}
	if a.Drop {
		return fault.New(fault.Invalid, field+".id", "is missing, so nothing can be dropped").OneOf("", e.ids())
	}
	evidence, err := e.cited(field+".evidence", a.Evidence)
	if err != nil {
		return err
	}
	it := Item{Evidence: evidence, Confidence: "low", Source: "agent"}
	if err := e.take(field, a, &it); err != nil {
		return err
	}
	if err := e.words(field+".reason", a.Reason, evidence); err != nil {
		return err
	}
	if a.Rank != nil && a.Reason == "" {
		return reasonMissing(field, "gives the item its place")
	}
	e.finish(&it)
	e.plan.Backlog = append(e.plan.Backlog, it)
	identify(e.plan.Backlog, e.plan.Dropped)
	id := e.plan.Backlog[len(e.plan.Backlog)-1].ID
	e.log(strings.TrimSuffix(id+" added: "+a.Reason, ": "), "", it.Title)
	return nil
}

func reasonMissing(field, what string) error {
	return fault.New(fault.Invalid, field+".reason", "is missing for what %s", what).Then("Say why in a sentence; the plan keeps it")
}

// ids are those of the backlog.
func (e *editor) ids() []string {
	var ids []string
	for _, it := range e.plan.Backlog {
		ids = append(ids, it.ID)
	}
	return ids
}

// change changes or drops an item of the backlog.
func (e *editor) change(field string, a ItemArg) error {
	i := slices.IndexFunc(e.plan.Backlog, func(it Item) bool { return it.ID == a.ID })
	if i < 0 {
		return fault.New(fault.Invalid, field+".id", "the backlog has no item %q", a.ID).OneOf(a.ID, e.ids())
	}
	if a.Reason == "" {
		return reasonMissing(field, "changes "+a.ID)
	}
	it := e.plan.Backlog[i]
	before := it
	if len(a.Evidence) > 0 {
		evidence, err := e.cited(field+".evidence", a.Evidence)
		if err != nil {
			return err
		}
		it.Evidence = evidence
	}
	if err := e.words(field+".reason", a.Reason, it.Evidence); err != nil {
		return err
	}
	if a.Drop {
		e.plan.Dropped = append(e.plan.Dropped, Dropped{Item: it, Reason: a.Reason, By: e.by, At: e.at})
		e.plan.Backlog = slices.Delete(e.plan.Backlog, i, i+1)
		e.log(it.ID+" dropped: "+a.Reason, it.Title, "")
		return nil
	}
	if err := e.take(field, a, &it); err != nil {
		return err
	}
	// The words that stay must fit the evidence that comes.
	for _, part := range []struct{ name, asked, text string }{{"title", a.Title, it.Title}, {"why", a.Why, it.Why}} {
		if len(a.Evidence) == 0 || part.asked != "" {
			continue
		}
		if err := e.quote(field+"."+part.name, part.text, it.Evidence); err != nil {
			return err
		}
	}
	if it.Metric != before.Metric {
		it.Target = nil
	}
	if it.Type != before.Type || it.Title != before.Title || it.Metric != before.Metric || len(a.Evidence) > 0 {
		// What it was worth, how sure that was and how it would be proved was said of
		// another action.
		it.Expected = Expected{Reason: "the action was changed, and no experiment of this program has shown what it adds now"}
		it.Confidence, it.Urgency, it.Source, it.Proof = "low", "medium", "agent", nil
	}
	e.finish(&it)
	was, is := differing(before, it)
	if was == is {
		return fault.New(fault.Invalid, field, "changes nothing of %s", a.ID).Then("Say what it should be, or drop: true")
	}
	e.plan.Backlog[i] = it
	e.log(it.ID+" changed: "+a.Reason, was, is)
	return nil
}

// take fills an item with what the caller says of it.
func (e *editor) take(field string, a ItemArg, it *Item) error {
	for _, part := range []struct {
		name, text string
		into       *string
	}{{"title", a.Title, &it.Title}, {"why", a.Why, &it.Why}} {
		if part.text == "" {
			continue
		}
		if err := e.words(field+"."+part.name, part.text, it.Evidence); err != nil {
			return err
		}
		*part.into = part.text
	}
	if a.Type != "" {
		it.Type = a.Type
	}
	if a.Owner != "" {
		if valid := e.owners(); !slices.Contains(valid, a.Owner) {
			return fault.New(fault.Invalid, field+".owner", "nobody is called %q here", a.Owner).OneOf(a.Owner, valid).
				Then("Owners are those under owners and ladder in loyalty.yaml, and of segments and experiments")
		}
		it.Owner = a.Owner
	}
	if a.Due != "" {
		if err := e.due(field+".due", a.Due); err != nil {
			return err
		}
		it.Due = a.Due
	}
	if a.Metric != "" {
		if _, err := e.desk.Metrics.Get(field+".metric", a.Metric); err != nil {
			return err
		}
		it.Metric = a.Metric
	}
	if a.Effort != "" {
		it.Effort = a.Effort
	}
	if a.Rank != nil {
		it.Rank = a.Rank
		if *a.Rank == 0 { // back to where the score places it
			it.Rank = nil
		}
	}
	return nil
}

// due checks a day by which something is to be done.
func (e *editor) due(field, day string) error {
	at, err := run.ParseDay(field, day, e.desk.Config.Zone())
	if err != nil {
		return err
	}
	if at.AddDate(0, 0, 1).Before(e.now) {
		return fault.New(fault.Invalid, field, "%s is past", day).Then("Name a day from %s on", run.Day(e.now))
	}
	return nil
}

// owners are all who may own an item.
func (e *editor) owners() []string {
	c := e.desk.Config
	known := map[string]bool{c.Owners.Journey: true, c.Owners.Rewards: true, c.Owners.Messaging: true, c.Owners.Data: true, c.Owners.Finance: true}
	for _, rung := range c.Ladder {
		known[rung] = true
	}
	for _, x := range c.Experiments {
		known[x.Owner] = true
	}
	for _, s := range c.Segments {
		known[s.Owner] = true
	}
	for _, it := range e.plan.Backlog { // the feed's owners of experiments
		known[it.Owner] = true
	}
	delete(known, "")
	return slices.Sorted(maps.Keys(known))
}

// differing puts into words in what an item differs from what it was.
func differing(before, after Item) (was, is string) {
	rank := func(it Item) string {
		if it.Rank == nil {
			return "by score"
		}
		return fmt.Sprint(*it.Rank)
	}
	number := func(x *float64) string {
		if x == nil {
			return "unknown"
		}
		return plain(*x)
	}
	cites := func(it Item) string {
		var ids []string
		for _, e := range it.Evidence {
			ids = append(ids, e.Point+" = "+e.Cited)
		}
		return strings.Join(ids, ", ")
	}
	var a, b []string
	for _, f := range []struct{ name, before, after string }{
		{"type", before.Type, after.Type}, {"title", before.Title, after.Title}, {"why", before.Why, after.Why}, {"evidence", cites(before), cites(after)},
		{"owner", before.Owner, after.Owner}, {"due", before.Due, after.Due}, {"metric", before.Metric, after.Metric},
		{"effort", before.Effort, after.Effort}, {"rank", rank(before), rank(after)}, {"target", number(before.Target), number(after.Target)},
		{"expected value", number(before.Expected.Value), number(after.Expected.Value)}, {"confidence", before.Confidence, after.Confidence},
	} {
		if f.before != f.after {
			a, b = append(a, f.name+": "+f.before), append(b, f.name+": "+f.after)
		}
	}
	return strings.Join(a, "; "), strings.Join(b, "; ")
}

// remediations states what is done about escalations.
func (e *editor) remediations(args []RemediationArg) error {
	for i, a := range args {
		field := fmt.Sprintf("remediations[%d]", i)
		if err := e.words(field+".says", a.Says, nil); err != nil {
			return err
		}
		if a.Due != "" {
			if err := e.due(field+".due", a.Due); err != nil {
				return err
			}
		}
		var open []string
		stated := false
		for i := range e.plan.Escalations {
			x := &e.plan.Escalations[i]
			if x.ClosedAt != nil {
				continue
			}
			if open = append(open, x.subject()); x.subject() != a.Subject {
				continue
			}
			// A KPI may be in two bands at once; what mends it mends both.
			if a.Due != "" && a.Due != x.Due {
				e.log("escalation over "+a.Subject+" is due on another day", x.Due, a.Due)
				x.Due = a.Due
			}
			if a.Says != x.Remediation {
				e.log("remediation of "+a.Subject+" stated", x.Remediation, a.Says)
			}
			x.Remediation, x.Stated, stated = a.Says, true, true
		}
		if !stated {
			return fault.New(fault.Invalid, field+".subject", "no escalation over %q is open", a.Subject).OneOf(a.Subject, slices.Compact(slices.Sorted(slices.Values(open)))).
				Then("An escalation is named by its KPI, or liability_spike")
		}
	}
	return nil
}
