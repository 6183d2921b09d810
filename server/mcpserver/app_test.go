package mcpserver_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/mark3labs/mcp-go/mcp"

	"loyaltymcp/internal/browsertest"
)

// hostPage is a host of MCP Apps as small as can be: it shakes hands with the view in
// a sandboxed frame, hands it the result, and notes what the view says.
const hostPage = `<!doctype html><iframe id="app" sandbox="allow-scripts" style="width:100%%;height:900px" srcdoc="%s"></iframe>
<script>
const result = %s, said = [];
addEventListener("message", (event) => {
  const m = event.data;
  said.push(m.method);
  if (m.method === "ui/initialize") event.source.postMessage({jsonrpc: "2.0", id: m.id, result: {protocolVersion: m.params.protocolVersion, hostInfo: {name: "test", version: "1"}, hostCapabilities: {}, hostContext: {theme: "dark"}}}, "*");
  if (m.method === "ui/notifications/initialized") event.source.postMessage({jsonrpc: "2.0", method: "ui/notifications/tool-result", params: {content: [], structuredContent: result}}, "*");
  if (m.method === "ui/notifications/size-changed") document.title = "drawn " + m.params.height;
});
</script>`

// The view shows the result of monitor_loyalty in a host of MCP Apps, as text whatever
// the data hold.
func TestAppInAHost(t *testing.T) {
	c := connect(t, "modern")
	request := mcp.ReadResourceRequest{}
	request.Params.URI = "ui://loyalty/monitor.html"
	got, err := c.ReadResource(soon(t), request)
	if err != nil || len(got.Contents) != 1 {
		t.Fatal(err)
	}
	app := got.Contents[0].(mcp.TextResourceContents)
	if app.MIMEType != "text/html;profile=mcp-app" {
		t.Errorf("the view is %s", app.MIMEType)
	}
	result := structured(t, callTool(t, c, "monitor_loyalty", nil))
	result["program"] = `<img src=x onerror="document.title='broken in'">`
	raw, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	page := fmt.Sprintf(hostPage, html.EscapeString(app.Text), strings.ReplaceAll(string(raw), "<", `\u003c`))
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, page)
	}))
	defer host.Close()
	ctx := browsertest.New(t, 700, 1000)
	if err := chromedp.Do(ctx, chromedp.Navigate(host.URL)); err != nil {
		t.Fatal(err)
	}
	title := ""
	for range 100 {
		if title, err = chromedp.Run(ctx, chromedp.Evaluate[string]("document.title")); err != nil {
			t.Fatal(err)
		}
		if title != "" {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !strings.HasPrefix(title, "drawn ") {
		t.Fatalf("the host's title is %q, want the view drawn", title)
	}
	said, err := chromedp.Run(ctx, chromedp.Evaluate[[]string]("said"))
	if err != nil || len(said) < 3 || said[0] != "ui/initialize" || said[1] != "ui/notifications/initialized" {
		t.Errorf("%v: the view said %v", err, said)
	}
	if file := os.Getenv("LOYALTY_APP_SHOT"); file != "" {
		shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, shot, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
