package btyd

import (
	"math"
	"math/bits"
	"slices"
)

// collapse sorts the histories by number of purchases, counting, and merges
// equal ones within each group by hashing their times.
func (d *Data) collapse(histories []History, weights []float64) {
	index, groups := groupByX(histories)
	n := len(histories)
	d.tx, d.t, d.w = make([]float64, n), make([]float64, n), make([]float64, n)
	next := make([]int, len(groups))
	for i, g := range groups {
		next[i] = g.lo
	}
	for i := range histories {
		h := &histories[i]
		g := index(h.X)
		at := next[g]
		next[g]++
		d.tx[at], d.t[at], d.w[at] = h.TX, h.T, 1
		if weights != nil {
			d.w[at] = weights[i]
		}
	}
	var table []int32
	out := 0
	for _, g := range groups {
		size := 1 << bits.Len(uint(2*(g.hi-g.lo)))
		if len(table) < size {
			table = make([]int32, size)
		}
		start := out
		out = d.merge(g, out, table[:size])
		if out > start {
			d.groups = append(d.groups, group{g.x, start, out})
		}
	}
	d.tx, d.t, d.w = slices.Clip(d.tx[:out]), slices.Clip(d.t[:out]), slices.Clip(d.w[:out])
}

// merge moves the distinct histories of g to out and following, adding weights,
// and returns the end. The table, of a power of 2 entries, holds indices of
// those moved plus 1.
func (d *Data) merge(g group, out int, table []int32) int {
	clear(table)
	start := out
	mask, shift := uint64(len(table)-1), 65-bits.Len(uint(len(table)))
	for i := g.lo; i < g.hi; i++ {
		tx, t, w := d.tx[i], d.t[i], d.w[i]
		if w == 0 {
			continue
		}
		// Round times have bits at the top only: fold them down before mixing.
		key := math.Float64bits(tx)*0x9e3779b97f4a7c15 + bits.RotateLeft64(math.Float64bits(t)*0xd6e8feb86659fd93, 32)
		key = (key ^ key>>32) * 0x9fb21c651e98df25
		for slot := key >> shift; ; slot = (slot + 1) & mask {
			at := int(table[slot]) - 1 + start
			if table[slot] == 0 {
				d.tx[out], d.t[out], d.w[out] = tx, t, w
				out++
				table[slot] = int32(out - start)
				break
			}
			if d.tx[at] == tx && d.t[at] == t {
				d.w[at] += w
				break
			}
		}
	}
	return out
}

// groupByX returns the groups of a sort by number of purchases and a function
// from that number to the index of its group.
func groupByX(histories []History) (index func(x int) int, groups []group) {
	const dense = 1 << 16
	largest := 0
	for i := range histories {
		largest = max(largest, histories[i].X)
	}
	counts := make([]int32, min(largest+1, dense))
	var rare map[int]int32
	if largest >= dense {
		rare = make(map[int]int32)
	}
	for i := range histories {
		if x := histories[i].X; x < dense {
			counts[x]++
		} else {
			rare[x]++
		}
	}
	at := 0
	add := func(x int, n int32) int32 {
		groups = append(groups, group{x, at, at + int(n)})
		at += int(n)
		return int32(len(groups) - 1)
	}
	for x, n := range counts {
		if n > 0 {
			counts[x] = add(x, n)
		}
	}
	large := make([]int, 0, len(rare))
	for x := range rare {
		large = append(large, x)
	}
	slices.Sort(large)
	for _, x := range large {
		rare[x] = add(x, rare[x])
	}
	return func(x int) int {
		if x < dense {
			return int(counts[x])
		}
		return int(rare[x])
	}, groups
}
