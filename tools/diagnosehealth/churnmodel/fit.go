package churnmodel

import (
	"errors"
	"fmt"

	"loyaltymcp/stats/btyd"
)

// The names of the models.
const (
	MBGNBD    = "MBG/NBD"
	BGNBD     = "BG/NBD"
	ParetoNBD = "Pareto/NBD"
)

// Fit is one model fitted by maximum likelihood, its times in days.
type Fit struct {
	Name     string
	Model    btyd.Model
	Names    []string // of the parameters
	Params   []float64
	SE       []float64 // NaN for what the data do not determine
	LogLik   float64
	Boundary string // what the data do not tell, "" where they tell all
	Problem  string // why it can't be used, "" where it can

	sides [][2]btyd.Model
}

// FitAll fits the three models to the same members, the default first. Cancelled
// members are among them, observed until they cancelled: leaving them out would
// condition on survival.
//
// It returns an error where the members can tell no model at all.
func FitAll(rows []Row) ([]Fit, error) {
	if err := enough(rows); err != nil {
		return nil, err
	}
	histories, weights := make([]btyd.History, len(rows)), make([]float64, len(rows))
	for i, r := range rows {
		histories[i], weights[i] = r.history(), r.Members
	}
	data, err := btyd.NewData(histories, weights)
	if err != nil {
		return nil, fmt.Errorf("reading purchase histories: %w", err)
	}
	fits := []Fit{fit(MBGNBD, btyd.MBGNBD{}, data), fit(BGNBD, btyd.BGNBD{}, data), fit(ParetoNBD, btyd.ParetoNBD{}, data)}
	for _, f := range fits {
		if f.Model != nil {
			return fits, nil
		}
	}
	return nil, errors.New(fits[0].Problem)
}

func fit[M btyd.Model](name string, family M, data *btyd.Data) Fit {
	f := Fit{Name: name}
	fitted, err := btyd.Fit(family, data)
	if err != nil {
		f.Problem = err.Error()
		return f
	}
	f.Model, f.Names, f.Params, f.SE = fitted.Model, fitted.Names, fitted.Params, fitted.SE
	f.LogLik, f.Boundary = fitted.LogLik, fitted.Boundary
	sides, err := fitted.Sides()
	if err != nil || !fitted.Converged {
		f.Problem = "the search did not end at a maximum of the likelihood"
		return f
	}
	for _, s := range sides {
		f.sides = append(f.sides, [2]btyd.Model{s[0], s[1]})
	}
	return f
}

// Tells reports whether P(alive) may be taken from the fit.
func (f Fit) Tells() bool { return f.Problem == "" && f.Name != BGNBD }

// Alone returns the fit without what its errors come from, for figures that
// need none.
func (f Fit) Alone() Fit {
	f.sides = nil
	return f
}
