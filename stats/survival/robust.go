package survival

import "math"

// RobustAt returns the share without event after time t, with the
// infinitesimal-jackknife standard error over clusters: the root of the sum,
// over clusters, of the squared change of the share by the weight of the
// cluster. It holds for any weights and for rows of a cluster that depend on
// each other.
//
// Source: T. M. Therneau and P. M. Grambsch (2000), Modeling Survival Data,
// section 7.2; L. A. Jaeckel (1972), The infinitesimal jackknife.
func (c Curve) RobustAt(t float64) Estimate {
	e := c.At(t)
	if e.Value == 0 || e.Value == 1 {
		return e
	}
	// What being at risk adds to ln S, by weight: Σ pull d/n.
	held := make([]float64, len(c.Time)+1)
	for i := range c.Time {
		held[i+1] = held[i] + c.pull[i]*c.Events[i]/c.AtRisk[i]
	}
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
		byCluster.add(i, c.data.weight(i)*change)
	}
	e.SE = e.Value * math.Sqrt(byCluster.squares())
	return e
}

// clusters sums the influence of rows by cluster.
type clusters struct {
	of  []int // the number of each row's cluster, from 0
	sum []float64
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
	c.sum = make([]float64, len(seen))
	return c
}

func (c clusters) add(row int, influence float64) { c.sum[c.of[row]] += influence }

func (c clusters) squares() float64 {
	total := 0.0
	for _, v := range c.sum {
		total += v * v
	}
	return total
}
