package breakdown

import "math"

// leave returns the node at the other end of an edge, and how much more can
// flow there: any amount along the edge, against it what is on it.
func (g *network) leave(node, e int) (next int, room float64) {
	if g.edges[e].from == node {
		return g.edges[e].to, math.Inf(1)
	}
	return g.edges[e].from, g.edges[e].units + g.moved[e]
}

// search finds a way between two nodes over open edges, without the edge
// skip, that has room for more: one of the fewest edges.
func (g *network) search(from, to, skip int) bool {
	for v := range g.via {
		g.via[v] = -1
	}
	g.queue = append(g.queue[:0], from)
	for k := 0; k < len(g.queue); k++ {
		node := g.queue[k]
		for _, e := range g.at[node] {
			if e == skip || !g.edges[e].open {
				continue
			}
			next, room := g.leave(node, e)
			if room <= 0 || next == from || g.via[next] >= 0 {
				continue
			}
			if g.via[next] = e; next == to {
				return true
			}
			g.queue = append(g.queue, next)
		}
	}
	return false
}

// searchAll finds the cheapest way for at least least units between two nodes
// over all edges but skip, by Dijkstra's algorithm; open edges cost nothing.
// The tables are dense and small, so the nearest node is found by looking at
// all.
func (g *network) searchAll(from, to, skip int, least float64) bool {
	for v := range g.cost {
		g.cost[v], g.done[v] = math.Inf(1), false
	}
	g.cost[from] = 0
	for {
		node := -1
		for v, c := range g.cost {
			if !g.done[v] && !math.IsInf(c, 1) && (node < 0 || c < g.cost[node]) {
				node = v
			}
		}
		if node < 0 || node == to {
			return node == to
		}
		g.done[node] = true
		for _, e := range g.at[node] {
			next, room := g.leave(node, e)
			if e == skip || g.done[next] || room <= 0 || room < least {
				continue
			}
			c := g.cost[node]
			if !g.edges[e].open {
				c += g.edges[e].price
			}
			if c < g.cost[next] {
				g.cost[next], g.via[next] = c, e
			}
		}
	}
}

// push sends up to want units along the way found last and returns how many
// it took. It hides what it uses.
func (g *network) push(from, to int, want float64) float64 {
	var way []int
	for v := to; v != from; {
		e := g.via[v]
		way = append(way, e)
		back, _ := g.other(e, v)
		_, room := g.leave(back, e)
		want = math.Min(want, room)
		v = back
	}
	for v := to; len(way) > 0; way = way[1:] {
		e := way[0]
		back, along := g.other(e, v)
		if along {
			g.moved[e] += want
		} else {
			g.moved[e] -= want
		}
		if !g.isMoved[e] {
			g.isMoved[e] = true
			g.touched = append(g.touched, e)
		}
		g.edges[e].open = true
		v = back
	}
	return want
}

// other returns the other end of an edge that leads to the node, and whether
// the edge runs from there to the node.
func (g *network) other(e, node int) (back int, along bool) {
	if g.edges[e].to == node {
		return g.edges[e].from, true
	}
	return g.edges[e].to, false
}
