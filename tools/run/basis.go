package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"loyaltymcp/tools/basis"
	"loyaltymcp/warehouse"
)

// Basis returns by what a run of the request, opened now, computes.
func (d *Desk) Basis(s *warehouse.Snapshot, request Request, bands []Band) (*basis.Basis, error) {
	given := basis.Given{Config: d.Config, Metrics: d.Metrics, Catalog: s.Catalog, Scope: request.scope(), Engine: s.Engine(), Version: d.Version}
	for _, b := range bands {
		given.Thresholds = append(given.Thresholds, basis.Threshold{KPI: b.KPI, Severity: b.Severity, Source: b.Source, Band: b.String()})
	}
	by, err := basis.Record(given)
	if err != nil {
		return nil, fmt.Errorf("recording the basis: %w", err)
	}
	return by, nil
}

// scope returns what a request narrows the figures of the whole to, as JSON;
// "" for nothing. Which window is looked at, how it is split and how long the
// answer may be narrow nothing.
func (q Request) scope() string {
	q.Window, q.AsOf, q.Detail, q.AlertThreshold, q.Dimensions, q.Experiments = "", "", "", "", nil, nil
	b, err := json.Marshal(q)
	if err != nil {
		panic("run: marshalling a request: " + err.Error()) // plain data
	}
	if string(b) == "{}" {
		return ""
	}
	return string(b)
}

const basisFile = "basis"

func (s *Store) putBasis(id string, by *basis.Basis) error { return s.write(id, basisFile, by) }

// Basis returns by what the run computes, nil when it was opened by a version
// that did not keep it.
func (s *Store) Basis(id string) (*basis.Basis, error) {
	var by basis.Basis
	err := s.read(id, basisFile, &by)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the basis of run %s: %w", id, err)
	}
	return &by, nil
}
