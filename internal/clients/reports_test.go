package clients_test

import (
	"encoding/json"
	"fmt"
	"strings"
)

// The reports that the stand-in writes under the headings of the agents' contracts,
// every figure as the tools returned it.

// results are the last results of each tool that an actor has seen, by tool.
func (q request) results() map[string]map[string]any {
	names, out := map[string]string{}, map[string]map[string]any{}
	for _, m := range q.messages {
		for _, b := range m.Content {
			switch b.Type {
			case "tool_use":
				names[b.ID] = b.Name[strings.LastIndex(b.Name, "__")+2:]
			case "tool_result":
				var result map[string]any
				if json.Unmarshal([]byte(message{Content: blocks{b}}.text()), &result) == nil {
					out[names[b.ToolUse]] = result
				}
			}
		}
	}
	return out
}

func rows(result map[string]any, name string) (out []map[string]any) {
	list, _ := result[name].([]any)
	for _, one := range list {
		if row, ok := one.(map[string]any); ok {
			out = append(out, row)
		}
	}
	return out
}

func part(result map[string]any, name string) map[string]any {
	inner, _ := result[name].(map[string]any)
	return inner
}

// said is a value as returned; null is unknown.
func said(v any) string {
	switch v := v.(type) {
	case nil:
		return "unknown"
	case string:
		return v
	}
	raw, _ := json.Marshal(v)
	return string(raw)
}

func analystReport(results map[string]map[string]any) string {
	pulled, health, insights, experiments := results["pull_metrics"], results["diagnose_health"], results["surface_insights"], results["review_experiments"]
	var b strings.Builder
	window := part(pulled, "window")
	fmt.Fprintf(&b, "## Run\n%s%s, window %s to %s (end exclusive), as of %s, %s, dimensions tier, region\n", reportHead, said(pulled["run_id"]),
		said(window["start"]), said(window["end"]), said(pulled["as_of"]), said(pulled["time_zone"]))
	fmt.Fprintf(&b, "## Verdict\n%s\n", said(pulled["verdict"]))
	b.WriteString("## KPI scorecard\n| metric | target | actual | change | n | point |\n|---|---|---|---|---|---|\n")
	for _, k := range rows(pulled, "kpis") {
		if k["headline"] == true {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | metrics/%s |\n", said(k["label"]), target(k), said(k["value"]), said(k["change"]), said(k["n"]), said(k["id"]))
		}
	}
	list(&b, "Business alarms", rows(pulled, "alerts"), func(a map[string]any) string {
		return fmt.Sprintf("%s in band %s: %s (%s), metrics/%s", said(a["kpi"]), said(a["band"]), said(a["value"]), said(a["severity"]), said(a["kpi"]))
	})
	list(&b, "Data alarms", rows(health, "data_alarms"), func(a map[string]any) string { return said(a["says"]) })
	b.WriteString("## Health\n")
	for _, name := range []string{"tier_mix", "churn", "liability", "breakage"} {
		d := part(health, name)
		fmt.Fprintf(&b, "- %s: %s. %s\n", name, said(d["health"]), said(d["says"]))
	}
	b.WriteString("- Liability is a management estimate, not an accounting opinion.\n")
	b.WriteString("## Segments\n| segment | size | value at stake | play | urgency | owner | point |\n|---|---|---|---|---|---|---|\n")
	for _, s := range rows(insights, "segments") {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | insights/%s/members |\n", said(s["label"]), said(s["members"]), said(s["value"]), said(s["play"]), said(s["urgency"]), said(s["owner"]), said(s["id"]))
	}
	list(&b, "Experiments", rows(experiments, "experiments"), func(x map[string]any) string {
		return fmt.Sprintf("%s: **%s**. %s Next: %s", said(x["name"]), said(x["decision"]), said(x["says"]), said(part(x, "next_test")["says"]))
	})
	list(&b, "Not available", rows(insights, "unavailable"), func(u map[string]any) string { return said(u["id"]) + ": " + said(u["reason"]) })
	return b.String()
}

func target(k map[string]any) string {
	if k["target"] == nil {
		return "none"
	}
	return said(k["target"])
}

func list(b *strings.Builder, title string, rows []map[string]any, line func(map[string]any) string) {
	fmt.Fprintf(b, "## %s\n", title)
	if len(rows) == 0 {
		b.WriteString("none\n")
	}
	for _, r := range rows {
		fmt.Fprintf(b, "- %s\n", line(r))
	}
}

func strategistReport(results map[string]map[string]any) string {
	written, reviewed := results["write_plan"], results["review_plan"]
	var b strings.Builder
	fmt.Fprintf(&b, "## Plan\n%s, revision %s, %s\n", said(written["plan_id"]), said(reviewed["revision"]), said(reviewed["distribution"]))
	b.WriteString("## Decisions\n- B01: dropped. Two actions on the same members become one.\n")
	b.WriteString("## Backlog\n| # | type | action | owner | due | score |\n|---|---|---|---|---|---|\n")
	for _, i := range rows(written, "backlog") {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", said(i["id"]), said(i["type"]), said(i["title"]), said(i["owner"]), said(i["due"]), said(i["score"]))
	}
	list(&b, "Escalations", rows(written, "escalations"), func(e map[string]any) string {
		return fmt.Sprintf("%s, rung %s, %s", said(e["trigger"]), said(e["rung"]), said(e["owner"]))
	})
	list(&b, "Open approvals", rows(reviewed, "approvals"), func(a map[string]any) string { return fmt.Sprintf("%s: %s", said(a["role"]), said(a["status"])) })
	list(&b, "Checklist", rows(reviewed, "checks"), func(c map[string]any) string {
		return fmt.Sprintf("%s: %s. %s", said(c["id"]), said(c["status"]), said(c["says"]))
	})
	return b.String()
}

// answer is what the command hands to the user, of the two reports.
func answer(analyst, strategist string) string {
	section := func(report, title string) string {
		_, rest, ok := strings.Cut(report, "## "+title+"\n")
		if !ok {
			return "none\n"
		}
		text, _, _ := strings.Cut(rest, "\n## ")
		return strings.TrimSpace(text) + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n", strings.TrimSpace(section(strategist, "Plan")))
	fmt.Fprintf(&b, "### Escalations\n\n%s\n", section(strategist, "Escalations"))
	fmt.Fprintf(&b, "### 1. Dashboard snapshot\n\n%s\n%s\n%s\n%s\n", section(analyst, "Verdict"), section(analyst, "KPI scorecard"), section(analyst, "Health"), section(analyst, "Segments"))
	fmt.Fprintf(&b, "### 2. Risks and opportunities\n\n%s\nData alarms: %s\n", section(analyst, "Business alarms"), section(analyst, "Data alarms"))
	fmt.Fprintf(&b, "### 3. Experiment readouts\n\n%s\n", section(analyst, "Experiments"))
	fmt.Fprintf(&b, "### 4. Plan entry\n\n%s\n%s\n%s\n%s", section(strategist, "Decisions"), section(strategist, "Backlog"), section(strategist, "Open approvals"), section(strategist, "Checklist"))
	return b.String()
}

// unindented is a report as its agent wrote it; the client indents what it hands on.
func unindented(text string) string {
	_, text, _ = strings.Cut(text, "\n  ## ")
	lines := strings.Split("  ## "+text, "\n")
	var out []string
	for _, line := range lines {
		rest, ok := strings.CutPrefix(line, "  ")
		if !ok {
			break
		}
		out = append(out, rest)
	}
	return strings.Join(out, "\n")
}
