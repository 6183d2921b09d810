package series

import (
	"fmt"
	"math"
)

// Breaks is a series cut into pieces with a straight line each.
type Breaks struct {
	At  []int     // the first place, from 0, of each piece but the first; empty for none
	RSS float64   // residual sum of squares of the pieces
	BIC []float64 // by the number of breaks, from 0; the least was chosen
}

// Breakpoints dates lasting changes of level or slope: of all cuts into pieces
// of at least so many values, the one with the least residual sum of squares,
// and of all numbers of breaks the one with the least Bayesian information
// criterion. The work grows with the square of the length times the number of
// pieces that it has room for, so with its cube for a piece of fixed length, and
// the memory with its square: a series of more than 2000 values is an error. Take
// longer steps (weeks for days), or the part of the series that is in question.
//
// The criterion is n (ln RSS - ln n + 1 + ln 2π) + ln n (3 (m+1)), three
// parameters a piece: its line's two, and its break or the variance.
//
// Pieces are of at least 3 values; a series shorter than two of them is an
// error, and so is one that is a straight line, or is made of straight pieces,
// but for rounding: without noise no break can be judged.
//
// Source: J. Bai and P. Perron (2003), Computation and analysis of multiple
// structural change models, Journal of Applied Econometrics 18, 1-22.
func Breakpoints(y []float64, piece int) (Breaks, error) {
	if piece < 3 {
		return Breaks{}, fmt.Errorf("series: pieces of %d values; a line with an error takes at least 3", piece)
	}
	if piece > len(y)/2 {
		return Breaks{}, fmt.Errorf("series: %d values, which are fewer than two pieces of %d; a longer series or shorter pieces are needed", len(y), piece)
	}
	if err := finite(y, 2*piece); err != nil {
		return Breaks{}, err
	}
	n := len(y)
	if n > longest {
		return Breaks{}, fmt.Errorf("series: %d values, of which the breaks would take too long; at most %d are taken: take longer steps, such as weeks for days, or a part of the series", n, longest)
	}
	dust := rounding(n, largest(y))
	segments := lineRSS(y, piece)
	most := n/piece - 1
	// best[m][j] is the least RSS of y[:j] in m+1 pieces, cut[m][j] where the
	// last of them starts.
	best, cut := make([][]float64, most+1), make([][]int, most+1)
	for m := range best {
		best[m], cut[m] = make([]float64, n+1), make([]int, n+1)
		for j := range best[m] {
			best[m][j] = math.Inf(1)
			if m == 0 && j >= piece {
				best[m][j] = segments(0, j)
			}
			for i := m * piece; m > 0 && i+piece <= j; i++ {
				if total := best[m-1][i] + segments(i, j); total < best[m][j] {
					best[m][j], cut[m][j] = total, i
				}
			}
		}
	}
	out := Breaks{BIC: make([]float64, most+1)}
	chosen := 0
	for m := range best {
		if best[m][n] <= float64(n)*dust*dust {
			return Breaks{}, fmt.Errorf("series: %d straight pieces, cut at %v, fit but for rounding; there is no noise to judge breaks by", m+1, trace(cut, m, n))
		}
		out.BIC[m] = float64(n)*(math.Log(best[m][n])-math.Log(float64(n))+1+math.Log(2*math.Pi)) + math.Log(float64(n))*float64(3*(m+1))
		if out.BIC[m] < out.BIC[chosen] {
			chosen = m
		}
	}
	out.RSS = best[chosen][n]
	out.At = trace(cut, chosen, n)
	return out, nil
}

// longest is the longest series that Breakpoints takes.
const longest = 2000

// trace returns where the best m breaks of n values are.
func trace(cut [][]int, m, n int) []int {
	at := make([]int, m)
	for j := n; m > 0; m-- {
		j = cut[m][j]
		at[m-1] = j
	}
	return at
}

// lineRSS returns a function that gives the residual sum of squares of a
// straight line through y[i:j]: the sum of the squared recursive residuals, what
// each value is off the line through those before it, in units of the standard
// error of that, so that nothing large cancels.
//
// Source: R. L. Brown, J. Durbin and J. M. Evans (1975), JRSS B 37, 149-192.
func lineRSS(y []float64, piece int) func(i, j int) float64 {
	n := len(y)
	table := make([][]float64, n)
	for i := range table {
		table[i] = make([]float64, n+1)
		meanX, meanY, sxx, sxy, rss := 0.0, 0.0, 0.0, 0.0, 0.0
		for j := i; j < n; j++ {
			k := float64(j - i + 1)
			dx, dy := float64(j)-meanX, y[j]-meanY
			if k > 2 {
				off := dy - sxy/sxx*dx
				rss += off * off / (1 + 1/(k-1) + dx*dx/sxx)
			}
			meanX += dx / k
			meanY += dy / k
			sxx += dx * (float64(j) - meanX)
			sxy += dx * (y[j] - meanY)
			if j-i+1 >= piece {
				table[i][j+1] = rss
			}
		}
	}
	return func(i, j int) float64 { return table[i][j] }
}
