package demo

import _ "embed"

//go:embed loyalty.yaml
var config []byte

// Config returns the loyalty.yaml of the program, which reads the tables from
// the folder it lies in.
func Config() []byte { return config }
