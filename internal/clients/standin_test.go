package clients_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// standIn answers the Messages API in the place of a model, by a script: it calls
// the tools that the command and the agents tell a model to call, and takes what it
// needs (run id, plan id) from the results, as a model would. What it was asked is
// kept.
type standIn struct {
	*httptest.Server
	mu   sync.Mutex
	seen []request
}

// request is one request of the client: whose turn, and what was said so far.
type request struct {
	actor    string
	turn     int
	system   string
	messages []message
	tools    []string
}

type message struct {
	Role    string `json:"role"`
	Content blocks `json:"content"`
}

// blocks are a message's content; a plain text is one block.
type blocks []block

type block struct {
	Type    string          `json:"type"`
	Text    string          `json:"text,omitempty"`
	Name    string          `json:"name,omitempty"`
	ID      string          `json:"id,omitempty"`
	Input   json.RawMessage `json:"input,omitempty"`
	ToolUse string          `json:"tool_use_id,omitempty"`
	Content json.RawMessage `json:"content,omitempty"`
	IsError bool            `json:"is_error,omitempty"`
}

func (b *blocks) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*b = blocks{{Type: "text", Text: text}}
		return nil
	}
	return json.Unmarshal(raw, (*[]block)(b))
}

// text is all that a message says, results of tools included.
func (m message) text() string {
	var out strings.Builder
	for _, b := range m.Content {
		out.WriteString(b.Text)
		var inner blocks
		if len(b.Content) > 0 && json.Unmarshal(b.Content, &inner) == nil {
			for _, i := range inner {
				out.WriteString(i.Text)
			}
		}
	}
	return out.String()
}

// call is a tool call of the script.
type call struct {
	tool  string // without the server's prefix
	input map[string]any
}

// The actors, by what only their texts hold.
const (
	lead       = "lead"
	analyst    = "analyst"
	strategist = "strategist"
)

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) answer(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/v1/messages") || r.Method != http.MethodPost {
		http.NotFound(w, r)
		return
	}
	if strings.HasSuffix(r.URL.Path, "count_tokens") {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"input_tokens":1000}`)
		return
	}
	var asked struct {
		System   json.RawMessage `json:"system"`
		Messages []message       `json:"messages"`
		Tools    []struct {
			Name string `json:"name"`
		} `json:"tools"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	q := request{system: string(asked.System), messages: asked.Messages}
	for _, tool := range asked.Tools {
		q.tools = append(q.tools, tool.Name)
	}
	for _, m := range asked.Messages {
		if m.Role == "assistant" {
			q.turn++
		}
	}
	switch {
	case strings.Contains(q.system, "You are the Member Insights Analyst"):
		q.actor = analyst
	case strings.Contains(q.system, "You are the Loyalty Strategist"):
		q.actor = strategist
	case len(q.messages) > 0 && strings.Contains(q.messages[0].text()+q.messages[len(q.messages)-1].text(), "Review the loyalty program."):
		q.actor = lead
	case slices.ContainsFunc(q.messages, func(m message) bool { return strings.Contains(m.text(), "Review the loyalty program.") }):
		q.actor = lead
	}
	s.mu.Lock()
	s.seen = append(s.seen, q)
	number := len(s.seen)
	s.mu.Unlock()
	if number > 40 { // the script has a dozen turns: something goes round in circles
		http.Error(w, "the script is over", http.StatusBadRequest)
		return
	}
	text, calls := q.script()
	stream(w, number, text, calls, q.tools)
}

// by returns the requests of an actor.
func (s *standIn) by(actor string) []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []request
	for _, q := range s.seen {
		if q.actor == actor {
			out = append(out, q)
		}
	}
	return out
}

var (
	runID  = regexp.MustCompile(`run-[0-9a-f]{12}`)
	planID = regexp.MustCompile(`plan-\d{8}-\d{6}(-\d+)?`)
)

// last finds the last match in what was said.
func (q request) last(form *regexp.Regexp) string {
	for i := len(q.messages) - 1; i >= 0; i-- {
		if all := form.FindAllString(q.messages[i].text(), -1); len(all) > 0 {
			return all[len(all)-1]
		}
	}
	return ""
}

const reportHead = "run id "

// script is what the actor does at its turn.
func (q request) script() (text string, calls []call) {
	run, plan := q.last(runID), q.last(planID)
	scope := "" // of the agents in the plugin
	if slices.ContainsFunc(q.tools, func(name string) bool { return strings.HasPrefix(name, "mcp__plugin_") }) {
		scope = "loyalty-lifecycle-orchestration:"
	}
	switch fmt.Sprintf("%s %d", q.actor, q.turn) {
	case "lead 0":
		return "", []call{{"Agent", map[string]any{"subagent_type": scope + "member-insights-analyst", "description": "Analyse the program", "run_in_background": false,
			"prompt": "Parameters of the run: window 30d, detail full, dimensions tier,region. Report under the fixed headings."}}}
	case "lead 1":
		return "", []call{{"Agent", map[string]any{"subagent_type": scope + "loyalty-strategist", "description": "Plan", "run_in_background": false,
			"prompt": "Parameters: window 30d, detail full, dimensions tier,region. The analyst's report, verbatim:\n" + q.messages[len(q.messages)-1].text()}}}
	case "lead 2":
		var handed []string
		for _, m := range q.messages {
			if m.Role == "user" && strings.Contains(m.text(), "[Subagent hand-back]") {
				handed = append(handed, unindented(m.text()))
			}
		}
		if len(handed) != 2 {
			return fmt.Sprintf("%d reports were handed back.", len(handed)), nil
		}
		return answer(handed[0], handed[1]), nil
	case "analyst 0":
		return "", []call{{"check_feeds", map[string]any{}}}
	case "analyst 1":
		return "", []call{{"pull_metrics", map[string]any{"window": "30d", "detail": "full", "dimensions": "tier,region"}}}
	case "analyst 2":
		id := map[string]any{"run_id": run}
		return "", []call{{"diagnose_health", id}, {"surface_insights", id}, {"review_experiments", id}}
	case "analyst 3":
		return analystReport(q.results()), nil
	case "strategist 0":
		return "", []call{{"write_plan", map[string]any{"run_id": run, "by": "loyalty-strategist"}}}
	case "strategist 1":
		return "", []call{{"write_plan", map[string]any{"plan_id": plan, "revision": 1, "by": "loyalty-strategist",
			"items": []any{map[string]any{"id": "B01", "drop": true, "reason": "Two actions on the same members become one"}}}}}
	case "strategist 2":
		return "", []call{{"review_plan", map[string]any{"plan_id": plan, "revision": 2, "by": "loyalty-strategist",
			"approvals": []any{map[string]any{"role": "Loyalty Strategist", "decision": "approve", "reason": "Each action has evidence and an owner"}}}}}
	case "strategist 3":
		return strategistReport(q.results()), nil
	}
	return "Nothing to do.", nil
}

// stream writes an answer as the API streams it. The client takes messages of one id
// for one message, so each has a number.
func stream(w http.ResponseWriter, number int, text string, calls []call, tools []string) {
	w.Header().Set("Content-Type", "text/event-stream")
	event := func(kind string, data map[string]any) {
		data["type"] = kind
		raw, _ := json.Marshal(data)
		fmt.Fprintf(w, "event: %s\ndata: %s\n\n", kind, raw)
	}
	event("message_start", map[string]any{"message": map[string]any{"id": fmt.Sprintf("msg_%d", number), "type": "message", "role": "assistant", "model": "stand-in", "content": []any{},
		"stop_reason": nil, "stop_sequence": nil, "usage": map[string]any{"input_tokens": 1, "output_tokens": 1}}})
	index := 0
	add := func(start, delta map[string]any) {
		event("content_block_start", map[string]any{"index": index, "content_block": start})
		event("content_block_delta", map[string]any{"index": index, "delta": delta})
		event("content_block_stop", map[string]any{"index": index})
		index++
	}
	if text != "" {
		add(map[string]any{"type": "text", "text": ""}, map[string]any{"type": "text_delta", "text": text})
	}
	reason := "end_turn"
	for i, c := range calls {
		reason = "tool_use"
		raw, _ := json.Marshal(c.input)
		add(map[string]any{"type": "tool_use", "id": fmt.Sprintf("toolu_%d_%d", number, i), "name": named(c.tool, tools), "input": map[string]any{}},
			map[string]any{"type": "input_json_delta", "partial_json": string(raw)})
	}
	event("message_delta", map[string]any{"delta": map[string]any{"stop_reason": reason, "stop_sequence": nil}, "usage": map[string]any{"output_tokens": 1}})
	event("message_stop", map[string]any{})
}

// named is a tool's name as the client offers it, with the server's prefix.
func named(tool string, offered []string) string {
	for _, name := range offered {
		if name == tool || strings.HasSuffix(name, "__"+tool) {
			return name
		}
	}
	return tool
}
