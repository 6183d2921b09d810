package survival

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Concordance is how well a score orders the times to an event: of all pairs
// of which one is known to have had the event first, the share in which it had
// the higher score, ties of the score counted half. 0.5 is chance.
//
// Higher scores mean sooner events. Pairs with events at the same time are
// left out, rows stopped without event at the time of an event are later, and
// pairs are within strata. The standard error is the infinitesimal jackknife's
// over clusters, NaN when all pairs are within one. Where every pair is ordered
// rightly, or every one wrongly, it is 0, which says nothing of the error.
//
// It returns an error without pairs to compare and for impossible rows.
//
// Source: F. E. Harrell, K. L. Lee and D. B. Mark (1996), Multivariable
// prognostic models, Statistics in Medicine 15, 361-387.
func Concordance(d Data, score []float64) (Estimate, error) {
	if len(score) != len(d.Stop) {
		panic("survival: one score a row is needed")
	}
	if err := d.check(1); err != nil {
		return Estimate{}, err
	}
	for _, v := range score {
		if math.IsNaN(v) {
			return Estimate{}, errors.New("survival: a score is NaN; leave the row out")
		}
	}
	c := pairs{won: make([]float64, len(score)), of: make([]float64, len(score))}
	for _, rows := range d.strata() {
		c.compare(d, rows, score)
	}
	if !(c.total > 0) {
		return Estimate{}, errors.New("survival: no pair of rows of which one is known to be first; nothing can be ordered")
	}
	e := Estimate{Value: c.right / c.total}
	byCluster := newClusters(d)
	for i := range score {
		if c.of[i] > 0 {
			byCluster.add(i, d.weight(i), (c.won[i]-e.Value*c.of[i])/c.total)
		}
	}
	e.SE = math.Sqrt(byCluster.squares())
	return e, nil
}

// Concordance returns that of the fitted hazards with the times they were
// fitted to, which flatters the model.
func (f CoxFit) Concordance() (Estimate, error) {
	score := make([]float64, len(f.r.risk))
	for i := range score {
		score[i] = floats.Dot(f.b, f.r.x.RawRowView(i))
	}
	return Concordance(f.r.d, score)
}

// pairs counts pairs by weight: in all, and those with each row by unit of its
// weight.
type pairs struct {
	right, total float64
	won, of      []float64
}

// compare adds the pairs of one stratum. Times are visited from the last to the
// first, with a tree of those at risk and one of the events seen, by score.
func (c *pairs) compare(d Data, rows []int, score []float64) {
	var ranks []float64
	for _, row := range rows {
		ranks = append(ranks, score[row])
	}
	slices.Sort(ranks)
	ranks = slices.Compact(ranks)
	rank := func(row int) int { k, _ := slices.BinarySearch(ranks, score[row]); return k }
	atRisk, events := newTree(len(ranks)), newTree(len(ranks))
	// From the events between its start and its stop, a row wins by a lower
	// score than theirs.
	seen := func(row int, sign float64) {
		less, same, all := events.split(rank(row))
		c.won[row] += sign * (all - less - same/2)
		c.of[row] += sign * all
	}
	under := make(map[int]bool)
	d.order(rows).descend(func(_ float64, stopped, left []int) {
		for _, row := range left {
			seen(row, 1)
			atRisk.add(rank(row), -d.weight(row))
			delete(under, row)
		}
		for _, row := range stopped {
			if d.Event[row] == 0 {
				seen(row, -1)
				atRisk.add(rank(row), d.weight(row))
				under[row] = true
			}
		}
		for _, row := range stopped {
			if d.Event[row] == 0 {
				continue
			}
			less, same, all := atRisk.split(rank(row))
			c.won[row] += less + same/2
			c.of[row] += all
			c.right += d.weight(row) * (less + same/2)
			c.total += d.weight(row) * all
			events.add(rank(row), d.weight(row))
		}
		for _, row := range stopped {
			if d.Event[row] > 0 {
				seen(row, -1)
				atRisk.add(rank(row), d.weight(row))
				under[row] = true
			}
		}
	})
	for row := range under {
		seen(row, 1)
	}
}

// tree is a Fenwick tree of weights by rank.
type tree struct {
	sums  []float64
	total float64
}

func newTree(n int) *tree { return &tree{sums: make([]float64, n+1)} }

func (t *tree) add(rank int, weight float64) {
	t.total += weight
	for i := rank + 1; i < len(t.sums); i += i & -i {
		t.sums[i] += weight
	}
}

// split returns the weights below a rank, at it, and of all.
func (t *tree) split(rank int) (less, same, all float64) {
	below := func(k int) float64 {
		sum := 0.0
		for i := k; i > 0; i -= i & -i {
			sum += t.sums[i]
		}
		return sum
	}
	less = below(rank)
	return less, below(rank+1) - less, t.total
}
