package demo

import (
	"bytes"
	_ "embed"
)

//go:embed loyalty.yaml
var config []byte

// Config returns the loyalty.yaml of the program, which reads the tables from
// the folder it lies in.
func Config() []byte { return config }

// ConfigFor returns the loyalty.yaml of the program with another warehouse.
func ConfigFor(warehouse string) []byte {
	return bytes.Replace(config, []byte("\nwarehouse: duckdb:.\n"), []byte("\nwarehouse: "+warehouse+"\n"), 1)
}
