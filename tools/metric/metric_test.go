package metric_test

import (
	"testing"

	"loyaltymcp/tools/metric"
)

func TestLoad(t *testing.T) {
	c, err := metric.Load(metric.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	sources, _ := metric.LoadSources()
	for _, d := range c {
		for name := range d.Variants {
			if _, err := d.With(name, sources); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	t.Log(len(c))
}
