package writeplan_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
)

// at returns where an item is in the backlog, from 1 on, 0 when it isn't.
func at(p *writeplan.Plan, id string) int {
	return 1 + slices.IndexFunc(p.Backlog, func(it writeplan.Item) bool { return it.ID == id })
}

func place(n int) *int { return &n }

// Agents add, change, re-rank and drop items; the plan keeps what they said.
func TestItemsAreEdited(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	r := staged(t, d, run.Request{Dimensions: []string{"tier"}})
	first, _, err := writeplan.Write(d, r, set, writeplan.Args{})
	if err != nil {
		t.Fatal(err)
	}
	points, err := d.Store.Points(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Backlog) < 4 {
		t.Fatalf("%d items drafted, the test needs four", len(first.Backlog))
	}
	last := first.Backlog[len(first.Backlog)-1]
	members := fmt.Sprintf("%.0f", points["metrics/members_open"].Value)
	added := item("metrics/members_open", members)
	added.Metric = "active_rate"
	p, _, err := writeplan.Update(t.Context(), d, set, writeplan.Args{PlanID: first.ID, Revision: 1, By: "loyalty-strategist", Items: []writeplan.ItemArg{
		added,
		{ID: "B01", Drop: true, Reason: "Covered by the spring campaign"},
		{ID: "B02", Owner: "Finance", Due: "2026-08-01", Reason: "Finance pays for it"},
		{ID: last.ID, Rank: place(1), Reason: "The board asked for it"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	fresh := p.Backlog[at(p, fmt.Sprintf("B%02d", len(first.Backlog)+1))-1]
	if fresh.Title != added.Title || fresh.Source != "agent" || fresh.Owner != "Reward Operations" || fresh.Proof == nil || fresh.Expected.Reason == "" {
		t.Errorf("added item %+v, want the agent's with owner, proof and expected value", fresh)
	}
	if at(p, "B01") != 0 || len(p.Dropped) != 1 || p.Dropped[0].Item.ID != "B01" || p.Dropped[0].Reason != "Covered by the spring campaign" || p.Dropped[0].By != "loyalty-strategist" {
		t.Errorf("dropped %+v, backlog with B01 at %d; want it kept under dropped only", p.Dropped, at(p, "B01"))
	}
	if changed := p.Backlog[at(p, "B02")-1]; changed.Owner != "Finance" || changed.Due != "2026-08-01" || changed.Title != first.Backlog[1].Title {
		t.Errorf("changed item %+v, want another owner and day and all else as it was", changed)
	}
	if at(p, last.ID) != 1 {
		t.Errorf("%s is at place %d, want 1", last.ID, at(p, last.ID))
	}
	log := ""
	for _, c := range p.ChangeLog {
		if c.Revision == 2 {
			log += fmt.Sprintf("%s|%s|%s -> %s\n", c.By, c.What, c.Before, c.After)
		}
	}
	for _, want := range []string{
		"loyalty-strategist|B01 dropped: Covered by the spring campaign|" + first.Backlog[0].Title + " -> ",
		"loyalty-strategist|B02 changed: Finance pays for it|owner: ",
		"rank: by score -> rank: 1",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the change log lacks %q:\n%s", want, log)
		}
	}
	// An id is never given twice, and a place can be given back to the score.
	p, _, err = writeplan.Update(t.Context(), d, set, writeplan.Args{PlanID: first.ID, Revision: 2, Items: []writeplan.ItemArg{
		{ID: fresh.ID, Drop: true, Reason: "Not now"}, {ID: last.ID, Rank: place(0), Reason: "The board changed its mind"}, added}})
	if err != nil {
		t.Fatal(err)
	}
	if at(p, fresh.ID) != 0 || at(p, fmt.Sprintf("B%02d", len(first.Backlog)+2)) == 0 || at(p, last.ID) == 1 {
		t.Errorf("items %v, want a new id for the new item and %s back at its score", p.Backlog, last.ID)
	}

	// An item that is made another action keeps nothing that was said of the old one.
	old := p.Backlog[at(p, "B02")-1]
	p, _, err = writeplan.Update(t.Context(), d, set, writeplan.Args{PlanID: first.ID, Revision: 3, Items: []writeplan.ItemArg{
		{ID: "B02", Title: "Send a newsletter to everyone", Why: "Members like news", Metric: "csat", Evidence: added.Evidence, Reason: "Another idea"}}})
	if err != nil {
		t.Fatal(err)
	}
	if it := p.Backlog[at(p, "B02")-1]; it.Expected.Value != nil || it.Expected.Assumed != nil || it.Confidence != "low" || it.Source != "agent" || it.Proof == nil || it.Proof.Metric != "csat" || old.Expected.Assumed == nil {
		t.Errorf("item %+v, want nothing of what was said of %+v", it, old)
	}

	for name, c := range map[string]struct {
		args writeplan.Args
		want string
	}{
		"no reason":                {writeplan.Args{Items: []writeplan.ItemArg{{ID: "B02", Drop: true}}}, "items[0].reason: is missing"},
		"unknown item":             {writeplan.Args{Items: []writeplan.ItemArg{{ID: "B77", Drop: true, Reason: "x"}}}, `items[0].id: the backlog has no item "B77"`},
		"dropped item":             {writeplan.Args{Items: []writeplan.ItemArg{{ID: "B01", Owner: "CRM", Reason: "x"}}}, `items[0].id: the backlog has no item "B01"`},
		"nothing changed":          {writeplan.Args{Items: []writeplan.ItemArg{{ID: "B02", Owner: "Finance", Reason: "x"}}}, "items[0]: changes nothing of B02"},
		"unknown owner":            {writeplan.Args{Items: []writeplan.ItemArg{{ID: "B02", Owner: "Finnance", Reason: "x"}}}, `items[0].owner: nobody is called "Finnance" here; valid: Finance`},
		"new without a why":        {writeplan.Args{Items: []writeplan.ItemArg{{Type: "journey", Title: "Do"}}}, "items[0].why: is missing from a new item"},
		"new without evidence":     {writeplan.Args{Items: []writeplan.ItemArg{{Type: "journey", Title: "Do", Why: "So"}}}, "items[0].evidence: is empty"},
		"drop of nothing":          {writeplan.Args{Items: []writeplan.ItemArg{{Drop: true, Type: "journey", Title: "Do", Why: "So"}}}, "items[0].id: is missing"},
		"a false reason":           {writeplan.Args{Items: []writeplan.ItemArg{{ID: "B02", Drop: true, Reason: "Only 12,345 members are left"}}}, "items[0].reason: quotes 12,345"},
		"markup in a title":        {writeplan.Args{Items: []writeplan.ItemArg{{ID: "B02", Title: "<b>Now</b>", Reason: "x"}}}, "items[0].title: holds HTML"},
		"nothing at all":           {writeplan.Args{}, "items: are missing"},
		"waivers":                  {writeplan.Args{Objective: "x", Waivers: []writeplan.Waiver{{Stage: "pull_metrics", Reason: "x"}}}, "waivers: belong to a new plan"},
		"an escalation that isn't": {writeplan.Args{Remediations: []writeplan.RemediationArg{{Subject: "revenue", Says: "We mend it"}}}, `remediations[0].subject: no escalation over "revenue" is open`},
		"a false objective":        {writeplan.Args{Objective: "Bring 77.7 % back"}, "objective: quotes 77.7 %"},
	} {
		c.args.PlanID, c.args.Revision = first.ID, 4
		_, _, err := writeplan.Update(t.Context(), d, set, c.args)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	folder, err := writeplan.NewFolder(d.Plans, set)
	if err != nil {
		t.Fatal(err)
	}
	if now, err := folder.Read(first.ID); err != nil || now.Revision != 4 {
		t.Errorf("after mistakes the plan is at revision %v (%v), want 4", now.Revision, err)
	}
}

// The draft says of each item what is expected of it and how it would be proved.
func TestItemsSayTheirWorthAndProof(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	r := staged(t, d, run.Request{AsOf: "2026-06-01", AlertThreshold: "active_rate<0.99"})
	p, _, err := writeplan.Write(d, r, set, writeplan.Args{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, it := range p.Backlog {
		if it.Proof == nil || it.Proof.Says == "" || it.Proof.Control == "" {
			t.Errorf("%s %s has no proof: %+v", it.ID, it.Title, it.Proof)
		}
		e := it.Expected
		switch {
		case e.Value != nil:
			kinds["shown"]++
			if e.Interval == nil || e.Interval[0] > *e.Value || e.Interval[1] < *e.Value || e.Basis == "" || e.Reason != "" {
				t.Errorf("%s: expected value %+v, want an interval around it and its basis", it.ID, e)
			}
		case e.Reason == "":
			t.Errorf("%s: the expected value is unknown without a reason", it.ID)
		case e.Assumed != nil:
			kinds["assumed"]++
			if e.Assumption == "" {
				t.Errorf("%s: assumes %v and does not say what", it.ID, *e.Assumed)
			}
		}
		if it.Metric == "active_rate" && strings.HasPrefix(it.Title, "Bring") {
			kinds["alert"]++
			if it.Proof.Units == nil || it.Proof.Detectable == nil || *it.Proof.Detectable <= 0 {
				t.Errorf("%s: proof %+v, want it sized, as the KPI is a share of members", it.ID, it.Proof)
			}
		}
	}
	if kinds["assumed"] == 0 || kinds["alert"] == 0 {
		t.Errorf("items by kind %v, want some of segments and one of the alert", kinds)
	}
	text, err := json.Marshal(p.Backlog)
	if err != nil || strings.Contains(string(text), "null}") {
		t.Errorf("%v", err)
	}
}

// A backlog without bounds is refused before anything is read.
func TestABacklogWithoutBounds(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	tool, err := writeplan.Tool(set, func(context.Context) (*run.Desk, error) { return d, nil })
	if err != nil {
		t.Fatal(err)
	}
	one := `{"type": "journey", "title": "x", "why": "y", "evidence": [{"point": "metrics/revenue", "value": 1}]}`
	for name, c := range map[string]struct{ items, want string }{
		"a megabyte of items": {strings.Repeat(one+",", 1<<20/len(one)) + one, "items: maximum 50 items"},
		"a megabyte of title": {strings.Replace(one, `"x"`, `"`+strings.Repeat("x", 1<<20)+`"`, 1), "items[0].title: "},
		"an unknown field":    {strings.Replace(one, `"type"`, `"sort"`, 1), `items[0].sort: unknown name "sort"`},
		"a rank of no place":  {strings.Replace(one, `"type"`, `"rank": -1, "type"`, 1), "items[0].rank: "},
	} {
		_, err := tool.Call(t.Context(), json.RawMessage(`{"run_id": "run-0123456789ab", "items": [`+c.items+`]}`))
		if !fault.Is(err, fault.Invalid) || !strings.HasPrefix(err.Error(), c.want) || len(err.Error()) > 400 {
			t.Errorf("%s: got %.300v, want %q", name, err, c.want)
		}
	}
	for name, c := range map[string]struct{ args, want string }{
		"neither run nor plan":  {`{}`, "run_id: is missing"},
		"both":                  {`{"run_id": "run-0123456789ab", "plan_id": "plan-20260702-090000", "revision": 1}`, "plan_id: comes beside run_id"},
		"a revision of nothing": {`{"run_id": "run-0123456789ab", "revision": 2}`, "revision: is of a plan"},
		"a plan without it":     {`{"plan_id": "plan-20260702-090000", "objective": "x"}`, "revision: is missing"},
		"a run that is no run":  {`{"run_id": "run-1"}`, "run_id: "},
		"a control character":   {`{"plan_id": "plan-20260702-090000", "revision": 1, "by": "a\u0007b", "objective": "x"}`, "plan_id: there is no plan"},
	} {
		if _, err := tool.Call(t.Context(), json.RawMessage(c.args)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if left := files(t, d.Plans); len(left) != 0 {
		t.Errorf("mistakes left %v", left)
	}
}
