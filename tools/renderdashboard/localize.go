package renderdashboard

import (
	"encoding/json"
	"reflect"
	"slices"

	"loyaltymcp/tools/numerals"
)

// numbers is the style of numbers in the program's locale. What others wrote stays as
// they wrote it: names and hypotheses from the data, actions of the config, reasons of
// sign-offs. Nobody knows in which marks they meant their numbers. The figures in a
// plan's items, of agents too, are English: write_plan holds them against the run so.
func (f *findings) numbers() *numerals.Style {
	if f.style != nil {
		return f.style
	}
	program := f.desk.Config.Program
	style, err := numerals.For(program.Locale, f.run.Currency)
	if err != nil {
		style = &numerals.Style{} // a locale is checked where the config is read
	}
	names := []string{f.run.Head().Program}
	for _, stage := range []any{f.metrics, f.health, f.insights, f.experiments} {
		if text, err := json.Marshal(stage); err == nil {
			var found any
			if json.Unmarshal(text, &found) == nil {
				names = append(names, named(found, false)...)
			}
		}
	}
	for _, d := range f.desk.Metrics { // expressions are to be copied into a config
		names = append(names, string(d.Numerator), string(d.Denominator))
	}
	if f.plan != nil {
		for _, a := range f.plan.Approvals {
			names = append(names, a.Reason)
		}
	}
	f.style = style.Except(names)
	return f.style
}

// naming are the fields of results that hold texts from the data or of the config.
var naming = []string{"cell", "second", "tier", "from", "to", "arm", "control_arm", "name", "label", "reward", "owner", "hypothesis", "action", "trigger"}

// named returns the texts in fields that hold what others wrote.
func named(found any, is bool) (names []string) {
	switch v := found.(type) {
	case string:
		if is {
			names = append(names, v)
		}
	case []any:
		for _, e := range v {
			names = append(names, named(e, is)...)
		}
	case map[string]any:
		for key, e := range v {
			names = append(names, named(e, slices.Contains(naming, key))...)
		}
	}
	return names
}

// verbatim are the fields of a page that no reader reads.
var verbatim = []string{"ID", "Tip", "Class", "Policy"}

// localize writes the numbers in all text of a page in the style. What is markup
// already, the charts, was written in it.
func localize(v reflect.Value, style *numerals.Style) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString(style.Text(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			localize(v.Elem(), style)
		}
	case reflect.Slice:
		for i := range v.Len() {
			localize(v.Index(i), style)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !slices.Contains(verbatim, v.Type().Field(i).Name) {
				localize(v.Field(i), style)
			}
		}
	}
}
