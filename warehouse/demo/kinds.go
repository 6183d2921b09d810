package demo

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is one kind of fault.
type Kind struct {
	Name    string
	Summary string
	Size    string   // what the size means
	Modes   []string // its forms, if it has several

	min, max float64  // of the size
	dated    bool     // from is required; to is the end of the data if absent
	needs    []string // parts of the place that must be given
	takes    []string // parts of the place that may be given
	data     bool     // it spoils rows instead of acting on members
	uses     []string // further properties: date, half_life_days, delay_days
	columns  func(Fault) []extraColumn
	plant    func(*planted)
}

// Who can be told apart by place.
var who = []string{"region", "channel", "tier"}

// Kinds returns the kinds of fault. A new kind is a row here and a file with
// the function that hooks it in; see hooks.
func Kinds() []Kind {
	inExperiment := []string{"experiment"}
	return []Kind{
		{Name: "kpi_drop", Summary: "purchases fall", Size: "share of purchases lost",
			min: 0, max: 1, dated: true, takes: who, plant: plantDrop},
		{Name: "churn_wave", Summary: "members cancel", Size: "share of the open members who cancel within the dates",
			min: 0, max: 1, dated: true, takes: who, plant: plantWave},
		{Name: "redemption_outage", Summary: "rewards can't be had", Size: "share of redemptions that fail",
			min: 0, max: 1, dated: true, takes: slices.Concat(who, []string{"reward"}), plant: plantOutage},
		{Name: "liability_spike", Summary: "a flood of bonus points", Size: "points for each open member",
			min: 1, max: 100_000, dated: true, takes: who, plant: plantFlood},
		{Name: "points_leak", Summary: "the ledger loses track of points", Size: "share of entries; with unexplained_debits, points taken from each member",
			Modes: []string{leakRedemption, leakCredit, leakExpiry, leakDebit},
			min:   0, max: 100_000, dated: true, takes: who, plant: plantLeak},
		{Name: "expiry_wall", Summary: "points credited within the dates all expire on one date", Size: "share of the credits",
			min: 0, max: 1, dated: true, takes: who, uses: []string{"date"}, plant: plantWall},
		{Name: "sample_ratio_mismatch", Summary: "units of an arm are lost", Size: "share of the arm's units lost",
			min: 0, max: 1, needs: inExperiment, takes: []string{"arm"}, plant: plantMismatch},
		{Name: "winner", Summary: "an arm buys more while the experiment runs", Size: "gain in purchase rate, 0.1 for 10 %",
			min: 0, max: 3, needs: inExperiment, takes: []string{"arm"}, plant: plantWinner},
		{Name: "loser", Summary: "an arm buys less", Size: "loss in purchase rate",
			min: 0, max: 1, needs: inExperiment, takes: []string{"arm"}, plant: plantLoser},
		{Name: "guardrail_harm", Summary: "an arm redeems less", Size: "loss in the chance to redeem",
			min: 0, max: 1, needs: inExperiment, takes: []string{"arm"}, plant: plantHarm},
		{Name: "novelty_effect", Summary: "an arm buys more at first, halving every half_life_days (14)", Size: "gain in purchase rate on the first day",
			min: 0, max: 3, needs: inExperiment, takes: []string{"arm"}, uses: []string{"half_life_days"}, plant: plantNovelty},
		{Name: "simpsons_reversal", Summary: "an arm does worse in each stratum and looks better in the whole: frequent buyers get it more often",
			Size: "loss in purchase rate in each stratum",
			min:  0, max: 0.5, needs: inExperiment, takes: []string{"arm"}, columns: stratumColumn, plant: plantReversal},
		{Name: "late_data", Summary: "rows arrive late and have not all come by the end of the data; the feed gets ingested_at", Size: "share of the rows that are late, by delay_days (5) on average",
			min: 0, max: 1, dated: true, needs: []string{"feed"}, takes: who, data: true, uses: []string{"delay_days"}, columns: lateColumns, plant: plantLate},
		{Name: "definition_change", Summary: "a feed means something else from a date on", Size: "share of the rows; with net_with_tax, the tax rate",
			Modes: []string{"order_status", "points_kind", "net_with_tax"},
			min:   0, max: 1, dated: true, takes: who, data: true, plant: plantDefinition},
		{Name: "broken_feed", Summary: "rows of a feed are spoiled", Size: "share of the rows; with time_zone_shift, hours",
			Modes: brokenModes(), min: -23, max: 23, dated: true, needs: []string{"feed"}, takes: slices.Concat(who, []string{"column"}), data: true, columns: brokenColumns, plant: plantBroken},
	}
}

func kindOf(name string) (Kind, bool) {
	all := Kinds()
	i := slices.IndexFunc(all, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return all[i], true
}

func kindNames() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// Usage describes the kinds of fault and shows a plant file, for people.
func Usage() string {
	var b strings.Builder
	b.WriteString("Kinds of fault for --plant:\n")
	for _, k := range Kinds() {
		fmt.Fprintf(&b, "  %s: %s\n    size: %s\n", k.Name, k.Summary, k.Size)
		if len(k.Modes) > 0 {
			fmt.Fprintf(&b, "    mode: %s\n", strings.Join(k.Modes, ", "))
		}
		var place []string
		for _, n := range k.needs {
			place = append(place, n+" (needed)")
		}
		fmt.Fprintf(&b, "    place: %s\n", strings.Join(append(place, k.takes...), ", "))
	}
	b.WriteString(`
A plant file:
  {"faults": [
    {"kind": "kpi_drop", "place": {"region": "West"}, "from": "2026-05-01", "to": "2026-06-01", "size": 0.4},
    {"kind": "broken_feed", "mode": "duplicates", "place": {"feed": "orders"}, "from": "2026-06-01", "size": 0.02}]}
Dates are from 2024-07-01 to 2026-07-01; to is exclusive, and the end of the data if absent.
examples/plant.json has every kind and an experiment of its own.
`)
	return b.String()
}
