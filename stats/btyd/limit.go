package btyd

import (
	"math"
	"strings"
)

// limit is an end of the range that parameters ran to: what it means, and which they
// are.
type limit struct {
	meaning string
	params  []int
}

// large is what a parameter that measures homogeneity exceeds only when the
// data show no difference between members.
const large = 1e4

// sameRate returns the limits of a gamma distribution of rates, of which the
// parameters are first and the one after.
func sameRate(r, alpha float64, shape, rate string, first int) []limit {
	at := []int{first, first + 1}
	switch {
	case r > large:
		return []limit{{shape + " and " + rate + " are both large: all members buy at the same rate, only " + shape + "/" + rate + " is identified", at}}
	case r < 1/large:
		return []limit{{shape + " is near 0: nearly nobody buys again and the few who do are all that is known of the rate", at}}
	}
	return nil
}

// bound sets Boundary to all that the data do not determine, in the order of the
// parameters, and makes their standard errors unknown. A limit counts only where the
// likelihood is flat in one of its parameters: a rate of dropout of one in a million
// is determined by a hundred million members. What is flat and at no limit is named
// after the limits.
func (f *Fitted[M]) bound(limits []limit) {
	if f.root == nil {
		return // not at a maximum, which is all that can be said
	}
	var said []string
	named := make([]bool, len(f.SE))
	for _, l := range limits {
		unknown := false
		for _, i := range l.params {
			unknown = unknown || math.IsNaN(f.SE[i])
		}
		if !unknown {
			continue
		}
		said = append(said, l.meaning)
		for _, i := range l.params {
			named[i] = true
		}
	}
	var rest, ends []string
	for i, se := range f.SE {
		switch {
		case named[i]:
			f.SE[i] = math.NaN()
		case f.ends != nil && f.ends[i]:
			ends = append(ends, f.Names[i])
			f.SE[i] = math.NaN()
		case math.IsNaN(se):
			rest = append(rest, f.Names[i])
		}
	}
	if len(ends) > 0 {
		said = append(said, strings.Join(ends, ", ")+": ran to the end of the range of the search; the data do not determine it")
	}
	if len(rest) > 0 {
		said = append(said, strings.Join(rest, ", ")+": the likelihood is flat in some direction of it; the data do not tell it apart from the others")
	}
	f.Boundary = strings.Join(said, "; ")
	if f.Boundary != "" {
		f.Cov = nil
	}
}
