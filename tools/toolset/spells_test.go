package toolset_test

import (
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
)

// Spells in tiers that reach into the next are cut there, and then count as
// those that never did, which no query cuts.
func TestOverlappingSpellsAreCut(t *testing.T) {
	p := testdesk.DemoProgram(t)
	open := strings.Replace(p.Config, "  tier_history: {table: tier_history}\n", "  tier_history: {sql: 'SELECT h.member_id, h.tier, h.effective_from,"+
		" CASE WHEN lead(h.effective_from) OVER (PARTITION BY h.member_id ORDER BY h.effective_from) IS NULL THEN h.effective_to END AS effective_to FROM tier_history AS h'}\n", 1)
	if open == p.Config {
		t.Fatal("the demo's config maps tier_history otherwise than this test knows")
	}
	want := stages(t, testdesk.Config(t, p.Config, p.Folder, p.File(t)), "30d", "tier")
	got := stages(t, testdesk.Config(t, open, p.Folder, p.File(t)), "30d", "tier")
	delete(want, "check_feeds") // it tells of the overlaps
	delete(got, "check_feeds")
	for i, line := range differences("", want, got) {
		if i < 20 {
			t.Error(line)
		}
	}
}
