package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"loyaltymcp/internal/fault"
	"loyaltymcp/skills"
	"loyaltymcp/tools"
	"loyaltymcp/tools/renderdashboard"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
)

const (
	jsonType     = "application/json"
	markdownType = "text/markdown"
	htmlType     = "text/html"
)

// dashboard is what run://{run_id}/{stage} names the page of a run by.
const dashboard = "dashboard"

// addResources publishes the SOPs one by one, and the rest by template.
func addResources(s *server.MCPServer, d Deps, sops []skills.SOP) {
	for _, sop := range sops {
		uri := "sop://" + sop.Name
		s.AddResource(mcp.NewResource(uri, sop.Name, mcp.WithResourceDescription(sop.Summary), mcp.WithMIMEType(markdownType)),
			func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				return contents(uri, markdownType, []byte(sop.Text)), nil
			})
	}
	r := resources{d}
	for _, t := range []struct {
		uri, name, description string
		read                   func(context.Context, func(string) string) ([]byte, error)
	}{
		{"schema://{name}", "schema", "A JSON Schema: plan, config, or TOOL.input and TOOL.output", r.schema},
		{"run://{run_id}/{stage}", "run", "A stage's whole result in a run, nothing cut; stage dashboard: the HTML page", r.run},
		{"plan://{plan_id}", "plan", "A plan, its newest revision", r.plan},
		{"plan://{plan_id}/{revision}", "plan revision", "A revision of a plan, as it was written", r.past},
		{"metric://{id}", "metric", "A KPI's definition: in words, its formula, its variants and who uses them, what data it needs", r.metric},
	} {
		s.AddResourceTemplate(mcp.NewResourceTemplate(t.uri, t.name, mcp.WithTemplateDescription(t.description), mcp.WithTemplateMIMEType(jsonType)),
			func(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				text, err := t.read(ctx, func(name string) string { return variable(request, name) })
				if err != nil {
					if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
						return nil, fmt.Errorf("%w: %s", server.ErrResourceNotFound, tools.Explain(err))
					}
					return nil, fmt.Errorf("%s", tools.Explain(err))
				}
				mime := jsonType
				if t.name == "run" && variable(request, "stage") == dashboard {
					mime = htmlType
				}
				return contents(request.Params.URI, mime, text), nil
			})
	}
}

func contents(uri, mime string, text []byte) []mcp.ResourceContents {
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: uri, MIMEType: mime, Text: string(text)}}
}

// variable returns a variable of the URI template; the library hands them on
// as lists.
func variable(request mcp.ReadResourceRequest, name string) string {
	switch value := request.Params.Arguments[name].(type) {
	case string:
		return value
	case []string:
		return strings.Join(value, ",")
	}
	return ""
}

// resources reads what the templates name.
type resources struct{ Deps }

func (r resources) schema(_ context.Context, variable func(string) string) ([]byte, error) {
	name := variable("name")
	schema, ok := r.Schemas.Get(name)
	if !ok {
		return nil, fault.New(fault.NotFound, "schema", "there is no schema %q", name).OneOf(name, r.Schemas.Names())
	}
	return schema.Alone(), nil
}

func (r resources) run(ctx context.Context, variable func(string) string) ([]byte, error) {
	d, err := r.Open(ctx)
	if err != nil {
		return nil, err
	}
	opened, err := d.Store.Load(variable("run_id"))
	if err != nil {
		return nil, err
	}
	stage := variable("stage")
	if stage == dashboard {
		return renderdashboard.HTML(d, r.Schemas, opened.ID)
	}
	if !slices.Contains(run.Stages(), stage) {
		return nil, fault.New(fault.NotFound, "stage", "there is no stage %q", stage).OneOf(stage, append(run.Stages(), dashboard))
	}
	kept, err := d.Store.Stage(opened.ID, stage)
	if err == nil && kept == nil {
		err = fault.New(fault.NotFound, "stage", "%s has not run in %s", stage, opened.ID).Then("Call %s with this run_id", stage)
	}
	if err != nil {
		return nil, err
	}
	return kept.Result, nil
}

func (r resources) plan(ctx context.Context, variable func(string) string) ([]byte, error) {
	folder, err := r.folder(ctx)
	if err != nil {
		return nil, err
	}
	p, err := folder.Read(variable("plan_id"))
	if err != nil {
		return nil, err
	}
	p.Review = p.Inspect(time.Now(), p.Sealed()) // as of now, not as of when it was written
	return json.Marshal(p)
}

func (r resources) past(ctx context.Context, variable func(string) string) ([]byte, error) {
	folder, err := r.folder(ctx)
	if err != nil {
		return nil, err
	}
	revision, err := strconv.Atoi(variable("revision"))
	if err != nil || revision < 1 {
		return nil, fault.New(fault.Invalid, "revision", "%q is no revision", variable("revision")).Then("Revisions are whole numbers from 1 on")
	}
	p, err := folder.ReadRevision(variable("plan_id"), revision)
	if err != nil {
		return nil, err
	}
	return json.Marshal(p)
}

func (r resources) folder(ctx context.Context) (*writeplan.Folder, error) {
	d, err := r.Open(ctx)
	if err != nil {
		return nil, err
	}
	return writeplan.NewFolder(d.Plans, r.Schemas)
}

func (r resources) metric(ctx context.Context, variable func(string) string) ([]byte, error) {
	d, err := r.Open(ctx)
	if err != nil {
		return nil, err
	}
	definition, err := d.Metrics.Get("metric", variable("id"))
	if err != nil {
		return nil, err
	}
	explanation, err := definition.Explain()
	if err != nil {
		return nil, err
	}
	return json.Marshal(explanation)
}
