package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/numerals"
)

// Load reads the file.
func Load(file string, set *schemas.Set) (*Config, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.Config, "config", "there is no file %s", file).
			Then("Name your loyalty.yaml with --config, or try the program with --demo")
	}
	if err != nil {
		return nil, fault.New(fault.Config, "config", "%s can't be read", file).Because(err)
	}
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	return Parse(filepath.Base(file), text, folder, set)
}

// Parse reads the text of a loyalty.yaml. Name is for messages; relative
// paths in it count from folder.
func Parse(name string, text []byte, folder string, set *schemas.Set) (*Config, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fault.New(fault.Config, name, "is not valid YAML").Because(oneLine(err)).Then("Mend the line it names")
	}
	if len(root.Content) == 0 {
		return nil, fault.New(fault.Config, name, "is empty").Then("Start from loyalty.example.yaml")
	}
	document := &root
	plain, err := toJSON(document)
	if err != nil {
		return nil, fault.New(fault.Config, name, "can't be read as configuration").Because(oneLine(err)).Then("Mend the line it names")
	}
	value, err := schemas.Decode(plain)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	schema, ok := set.Get("config")
	if !ok {
		return nil, errors.New("config: the schema set has no schema named config")
	}
	locate := func(pointer string) string { return fmt.Sprintf("%s:%d", name, line(document, pointer)) }
	if found := schema.Validate(value); found != nil {
		first := found[0]
		field := strings.TrimSuffix(locate(first.Pointer)+": "+schemas.Path(first.Pointer), ": ")
		return nil, fault.New(fault.Config, field, "%s", first.Message).OneOf(first.Got, first.Valid)
	}
	c := defaults()
	if err := json.Unmarshal(plain, c); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	c.Folder, c.locate = folder, locate
	return c, c.finish(locate)
}

// oneLine joins an error of the YAML library into one line.
func oneLine(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	return errors.New(strings.Join(strings.Fields(strings.ReplaceAll(text, "unmarshal errors:", "")), " "))
}

// toJSON turns a YAML document into JSON.
func toJSON(node *yaml.Node) ([]byte, error) {
	var value any
	if err := node.Decode(&value); err != nil {
		return nil, err
	}
	return json.Marshal(dates(value))
}

// dates turns what YAML read as a time back into the date it was written as.
func dates(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			v[key] = dates(member)
		}
	case []any:
		for i, item := range v {
			v[i] = dates(item)
		}
	case time.Time:
		return v.Format(time.DateOnly)
	}
	return value
}

// line returns the line on which the value at the pointer starts.
func line(node *yaml.Node, pointer string) int {
	if node.Kind == yaml.DocumentNode {
		node = node.Content[0]
	}
	at := node.Line
	for _, token := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		var next *yaml.Node
		switch node.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == token {
					at, next = node.Content[i].Line, node.Content[i+1]
				}
			}
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(token); err == nil && i < len(node.Content) {
				next = node.Content[i]
				at = next.Line
			}
		}
		if next == nil {
			return at
		}
		node = next
	}
	return at
}

// finish checks what a schema can't and resolves zones and the environment.
func (c *Config) finish(locate func(string) string) error {
	zone, err := time.LoadLocation(c.Program.TimeZone)
	if err != nil || c.Program.TimeZone == "Local" {
		return fault.New(fault.Config, locate("/program/time_zone"), "%q is no IANA time zone", c.Program.TimeZone).
			Then("Write one such as Europe/Berlin or UTC")
	}
	c.zone = zone
	if _, err := numerals.For(c.Program.Locale, c.Program.Currency); err != nil {
		return fault.New(fault.Config, locate("/program/locale"), "%v", err).
			Then("Write one such as de-DE, or leave it out for English")
	}
	for _, name := range c.FeedNames() {
		f := c.Feeds[name]
		given := 0
		for _, from := range []string{f.Table, f.File, f.SQL} {
			if from != "" {
				given++
			}
		}
		if given != 1 {
			return fault.New(fault.Config, locate("/feeds/"+name)+": feeds."+name, "needs exactly one of table, file and sql, but has %d", given)
		}
		if f.TimeZone != "" {
			if _, err := time.LoadLocation(f.TimeZone); err != nil || f.TimeZone == "Local" {
				return fault.New(fault.Config, locate("/feeds/"+name+"/time_zone"), "%q is no IANA time zone", f.TimeZone)
			}
		}
	}
	if _, both := c.Feeds["points"]; both {
		if _, monthly := c.Feeds["points_monthly"]; monthly {
			return fault.New(fault.Config, locate("/feeds/points_monthly"), "points and points_monthly are both mapped").
				Then("Map one: the ledger if there is one, else the months")
		}
	}
	for _, lines := range []struct {
		name string
		Lines
	}{{"churn/newly_lapsed", c.Health.Churn.NewlyLapsed}, {"churn/at_risk", c.Health.Churn.AtRisk}, {"breakage", c.Health.Breakage},
		{"tier_mix/shrinking", c.Health.TierMix.Shrinking}, {"tier_mix/losing", c.Health.TierMix.Losing}} {
		if lines.Watch > lines.Act {
			return fault.New(fault.Config, locate("/health/"+lines.name)+": health."+strings.ReplaceAll(lines.name, "/", "."), "watch is above %g, more than the %g of act", lines.Watch, lines.Act).
				Then("Give both watch and act, watch at most as large as act")
		}
	}
	var missing string
	c.Warehouse = environment.ReplaceAllStringFunc(c.Warehouse, func(text string) string {
		parts := environment.FindStringSubmatch(text)
		if value, ok := os.LookupEnv(parts[1]); ok && value != "" {
			return value
		}
		if parts[2] == "" {
			missing = parts[1]
		}
		return strings.TrimPrefix(parts[2], ":-")
	})
	if missing != "" {
		return fault.New(fault.Config, locate("/warehouse"), "the environment has no variable %s", missing).
			Then("Set it, or write a default: ${%s:-default}", missing)
	}
	return nil
}

var environment = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}`)
