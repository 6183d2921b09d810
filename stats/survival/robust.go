package survival

import "math"

// RobustAt returns the share without event after time t, with the
// infinitesimal-jackknife standard error over clusters: the root of the sum,
// over clusters, of the squared change of the share by the weight of the
// cluster. It holds for any weights and for rows of a cluster that depend on
// each other. Clusters are to be many, about 20 or more: with few it is too small,
// and with a single one that tells of the time up to t, whose weight changes
// nothing, it can't be known and is NaN.
//
// Source: T. M. Therneau and P. M. Grambsch (2000), Modeling Survival Data,
// section 7.2; L. A. Jaeckel (1972), The infinitesimal jackknife.
func (c Curve) RobustAt(t float64) Estimate {
	e := c.At(t)
	if e.Value == 0 || e.Value == 1 {
		return e
	}
	held := c.held()
	byCluster := newClusters(c.data)
	k := through(c.Time, t)
	for i, stop := range c.data.Stop {
		last, first := min(k, through(c.Time, stop)), through(c.Time, c.data.start(i))
		if first >= last {
			continue
		}
		change := held[last] - held[first]
		if c.data.Event[i] > 0 && stop <= t {
			change -= c.pull[last-1]
		}
		byCluster.add(i, c.data.weight(i), change)
	}
	e.SE = e.Value * math.Sqrt(byCluster.squares())
	return e
}

// held returns what being at risk until each time adds to ln S, by weight:
// Σ pull d/n, 0 before the first.
func (c Curve) held() []float64 {
	held := make([]float64, len(c.Time)+1)
	for i := range c.Time {
		held[i+1] = held[i] + c.pull[i]*c.Events[i]/c.AtRisk[i]
	}
	return held
}

// RobustRMST returns [Curve.RMST] with the standard error of [Curve.RobustAt],
// NaN too where there is but one cluster.
func (c Curve) RobustRMST(horizon float64) (mean, se float64, err error) {
	if mean, se, err = c.RMST(horizon); err != nil || math.IsNaN(se) {
		return mean, se, err
	}
	// The area under the curve after each time, in all and times held.
	held, k := c.held(), through(c.Time, horizon)
	area, areaHeld := make([]float64, k+1), make([]float64, k+1)
	for i := range k {
		right := horizon
		if i+1 < k {
			right = c.Time[i+1]
		}
		piece := (right - math.Max(0, c.Time[i])) * c.Survival[i]
		if right <= 0 {
			piece = 0
		}
		area[i+1] = area[i] + piece
		areaHeld[i+1] = areaHeld[i] + piece*held[i+1]
	}
	byCluster := newClusters(c.data)
	for i, stop := range c.data.Stop {
		last, first := min(k, through(c.Time, stop)), through(c.Time, c.data.start(i))
		if first >= last {
			continue
		}
		// Rising while at risk, until the event if there is one; then constant.
		until, gain := last, held[last]-held[first]
		if c.data.Event[i] > 0 && stop <= horizon {
			until, gain = last-1, gain-c.pull[last-1]
		}
		change := areaHeld[until] - areaHeld[first] - held[first]*(area[until]-area[first])
		change += gain * (area[k] - area[until])
		byCluster.add(i, c.data.weight(i), change)
	}
	return mean, math.Sqrt(byCluster.squares()), nil
}

// clusters sums the influence of rows by cluster.
type clusters struct {
	of    []int // the number of each row's cluster, from 0
	sum   []float64
	tells []bool // whether rows with weight were added
}

func newClusters(d Data) clusters {
	c := clusters{of: make([]int, len(d.Stop))}
	seen := make(map[int]int)
	for i := range c.of {
		k, ok := seen[d.cluster(i)]
		if !ok {
			k = len(seen)
			seen[d.cluster(i)] = k
		}
		c.of[i] = k
	}
	c.sum, c.tells = make([]float64, len(seen)), make([]bool, len(seen))
	return c
}

// add adds a row's influence: by unit of its weight, times that.
func (c clusters) add(row int, weight, influence float64) {
	c.sum[c.of[row]] += weight * influence
	c.tells[c.of[row]] = c.tells[c.of[row]] || weight > 0
}

// alone reports whether fewer than two clusters tell of the result: how clusters
// differ is then unknown.
func (c clusters) alone() bool {
	n := 0
	for _, tells := range c.tells {
		if tells {
			n++
		}
	}
	return n < 2
}

// squares returns the variance, NaN where clusters can't differ.
func (c clusters) squares() float64 {
	if c.alone() {
		return math.NaN()
	}
	total := 0.0
	for _, v := range c.sum {
		total += v * v
	}
	return total
}
