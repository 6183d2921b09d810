package writeplan_test

import (
	"encoding/json"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/writeplan"
)

// What reading a plan costs; every run reads the plans before it.
func BenchmarkTrusted(b *testing.B) {
	d := testdesk.Demo(b)
	p := waivedPlan(b, d)
	folder, err := writeplan.NewFolder(d.Plans, testdesk.Schemas(b))
	if err != nil {
		b.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := folder.Trusted(p.ID); err != nil {
			b.Fatal(err)
		}
	}
}
