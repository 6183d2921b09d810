package demo

// Simpson's reversal needs strata that differ much in what they buy, and arms
// that are shared out differently in each.
const (
	frequent       = "frequent" // at least so many purchases in the half year before the start
	occasional     = "occasional"
	frequentOrders = 5

	skew = 0.8 // the arm's share of the frequent; of the occasional it is 1 - skew
)

// plantReversal makes the arm do worse in both strata, and gives it to
// frequent buyers so much more often that in the whole it looks better. The
// assignments get a column that names the stratum. The planned shares are
// those that the allocation comes to, so the sample ratio is as planned.
func plantReversal(f *planted) {
	t := f.trial
	f.purchases = func(*member, instant) float64 { return 1 - f.Size }
	f.affects(f.effects.PurchaseRateFactor, 1-f.Size)
	f.stratum = func(m *member) string {
		n := 0
		for i := len(m.orders) - 1; i >= 0 && m.orders[i].at >= t.start-recency; i-- {
			if m.orders[i].at < t.start && !m.orders[i].cancelled {
				n++
			}
		}
		if n >= frequentOrders {
			return frequent
		}
		return occasional
	}
	units := map[string]float64{}
	f.shares = func(m *member) func(int) float64 {
		s := f.stratum(m)
		units[s]++
		return func(n int) float64 { return t.skewed(n, f.arm, s) }
	}
	f.planned = func() map[string]float64 {
		out := map[string]float64{}
		for n, a := range t.arms {
			for s, k := range units {
				out[a.name] += t.skewed(n, f.arm, s) * k / (units[frequent] + units[occasional])
			}
		}
		return out
	}
	f.tables = []string{"assignments"}
	f.row = func(g *generator, r *rowContext) (bool, []any) {
		if r.text("experiment_id") == t.id {
			r.set("stratum", f.stratum(g.current))
		}
		return true, nil
	}
}

// skewed is the share of arm n in a stratum, where the arm that the fault acts
// on gets the frequent.
func (t *trial) skewed(n, favored int, stratum string) float64 {
	share := skew
	if stratum == occasional {
		share = 1 - skew
	}
	if n == favored {
		return share
	}
	return t.arms[n].share / (1 - t.arms[favored].share) * (1 - share)
}

func stratumColumn(Fault) []extraColumn {
	return []extraColumn{{"assignments", Column{"stratum", Text}}}
}
