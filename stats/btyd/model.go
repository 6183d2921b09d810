package btyd

// Model is a model of buying until dropping out. The implementations are BGNBD,
// MBGNBD, MBGCNBD, ParetoNBD and BGBB; a value holds the parameters, all above
// 0. The zero value names the model to fit.
//
// The empty History{} stands for a member who has just made the first purchase,
// of whom nothing else is known: with it Expected is the mean number of
// purchases of a new member, and PMF its distribution.
type Model interface {
	// LogLik returns the logarithm of the likelihood of the history, without
	// the factors that no parameter enters.
	LogLik(h History) float64
	// PAlive returns the probability that the member has not dropped out.
	PAlive(h History) float64
	// Expected returns the expected number of purchases in the time t after
	// the history.
	Expected(h History, t float64) float64
	// PMF returns the probability of exactly n purchases in the time t after
	// the history.
	PMF(h History, n int, t float64) float64
	// DERT returns the discounted expected residual transactions: the expected
	// number of all later purchases, each discounted by exp(-rate t) at the
	// time t after the history. The rate is above 0, per unit of time. (BGBB
	// discounts by (1+rate)^-t.)
	DERT(h History, rate float64) float64
	// Params returns the parameters in the order of Names.
	Params() []float64
	// Names returns the names of the parameters.
	Names() []string

	// with returns the model with other parameters.
	with(params []float64) Model
	// check returns an error if the data cannot answer.
	check(d *Data) error
	// starts returns parameters to start a search from.
	starts(d *Data) [][]float64
	// eval returns the log-likelihood of the data and adds its first and second
	// derivatives by the parameters to g and h. Only the upper triangle of h is
	// used.
	eval(d *Data, g *[dim]float64, h *[dim][dim]float64) float64
	// effects returns how the logarithms of the parameters move with the linear
	// predictors of a static covariate fit, of purchase and of dropout. Both are
	// 0 for a model without covariates.
	effects() (trans, life [dim]float64)
	// limits returns every end of the range that parameters ran to.
	limits(d *Data) []limit
}

// dim is the number of parameters of a model.
const dim = 4
