// Package exportsegment hands the members of a segment to the CRM: a CSV of ids in
// a folder that the operator names, a random holdout arm among them, a manifest,
// and the row that lets review_experiments read the action as the experiment it
// is. It is the one tool that writes member ids, into files only, and it is off
// until the operator names the folder.
package exportsegment

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
	"loyaltymcp/warehouse"
)

//go:embed description.md
var description string

// Name is the tool's.
const Name = "export_segment"

// Args are the tool's arguments.
type Args struct {
	RunID   string   `json:"run_id"`
	Segment string   `json:"segment"`
	Holdout *float64 `json:"holdout"` // share of the members; 0.1 if absent
	Format  string   `json:"format"`  // csv, or parquet
}

// The arms.
const (
	Holdout   = "holdout"
	Treatment = "treatment"
)

const usualHoldout = 0.1

// Manifest says what was exported, by which definition, and with which arms.
type Manifest struct {
	ExportID   string   `json:"export_id"` // also the id of the experiment
	RunID      string   `json:"run_id"`
	Program    string   `json:"program"`
	AsOf       string   `json:"as_of"`
	Segment    string   `json:"segment"`
	Play       string   `json:"play"`
	Condition  string   `json:"condition"`
	Definition string   `json:"definition_hash"`
	Config     string   `json:"config_hash"`
	Columns    []string `json:"columns"`
	Consent    string   `json:"consent"` // who was left out
	Rows       int64    `json:"rows"`
	Holdout    int64    `json:"holdout"`
	Treatment  int64    `json:"treatment"`
	Share      float64  `json:"holdout_share"`
	Assignment string   `json:"assignment"` // how arms were drawn
	File       string   `json:"file"`
	SHA256     string   `json:"sha256"`          // of the file
	Contents   string   `json:"contents_sha256"` // of its rows as CSV, whatever the format
	Experiment string   `json:"experiment_file"`
}

// Result is what the tool returns: no id of a member.
type Result struct {
	ExportID   string  `json:"export_id"`
	RunID      string  `json:"run_id"`
	Segment    string  `json:"segment"`
	Rows       int64   `json:"rows"`
	Holdout    int64   `json:"holdout"`
	Treatment  int64   `json:"treatment"`
	Share      float64 `json:"holdout_share"`
	File       string  `json:"file"`
	Manifest   string  `json:"manifest"`
	Experiment string  `json:"experiment_file"`
	SHA256     string  `json:"sha256"`
	Next       string  `json:"next"`
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	return fmt.Sprintf("Exported %d members of %s to %s: %d to treat, %d held out. Manifest: %s\n\n%s\n", r.Rows, r.Segment, r.File, r.Treatment, r.Holdout, r.Manifest, r.Next)
}

// Tool returns the export_segment tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	return tools.Define(set, tools.Spec{Name: Name, Title: "Export a segment", Description: description, Hints: tools.Hints{Idempotent: true, Person: true}},
		func(ctx context.Context, args Args) (*Result, error) {
			d, err := open(ctx)
			if err != nil {
				return nil, err
			}
			return Export(ctx, d, args)
		})
}

// Export writes the segment. What is there already with the same contents is left
// as it is; with others, it is a conflict.
func Export(ctx context.Context, d *run.Desk, args Args) (*Result, error) {
	folder := d.Config.Export.Folder
	if folder == "" {
		return nil, fault.New(fault.Config, "export.folder", "exports are off: loyalty.yaml names no folder for them").
			Then("Only the operator can allow it, by export: {folder: _exports}")
	}
	if !filepath.IsLocal(folder) {
		return nil, fault.New(fault.Config, "export.folder", "%q is not a folder below that of loyalty.yaml", folder).Then("Name one below it, such as _exports")
	}
	if base := filepath.Base(folder); !strings.HasPrefix(base, "_") && !strings.HasPrefix(base, ".") {
		// A folder of files is a warehouse too, and would take exports for data.
		return nil, fault.New(fault.Config, "export.folder", "%q must begin with an underscore, so that nothing takes its files for data", base).Then("Name it _%s", base)
	}
	share := usualHoldout
	if args.Holdout != nil {
		share = *args.Holdout
	}
	r, err := d.Resume(args.RunID)
	if err != nil {
		return nil, err
	}
	if err := r.Whole(Name); err != nil {
		return nil, err
	}
	if reason := d.Config.Export.Forbidden(); reason != "" {
		return nil, fault.New(fault.Config, "export.columns", "%s", reason)
	}
	snapshot, err := d.Snapshot(ctx, r)
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	return export(ctx, d, r, snapshot, args, share, filepath.Join(d.Config.Folder, folder))
}

func export(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot, args Args, share float64, folder string) (*Result, error) {
	segment := args.Segment
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fault.New(fault.Config, "export.folder", "the folder can't be made").Because(err)
	}
	temp, err := os.CreateTemp(folder, ".export-*")
	if err != nil {
		return nil, fault.New(fault.Config, "export.folder", "the folder can't be written to").Because(err)
	}
	defer os.Remove(temp.Name()) // gone once it has its name
	defer temp.Close()
	id := fmt.Sprintf("%s-%s", strings.ReplaceAll(run.Clean(segment, 40), "/", "_"), r.AsOf.Format("20060102"))
	m := &Manifest{ExportID: id, RunID: r.ID, Program: d.Config.Program.Name, AsOf: run.Day(r.AsOf), Segment: segment, Columns: append([]string{}, d.Config.Export.Columns...),
		Share: share, Config: d.Config.Hash(), Assignment: "the first 8 bytes of the SHA-256 of export.seed, segment and id, as a share of their range, below holdout_share: holdout"}
	sum := sha256.New()
	w := csv.NewWriter(io.MultiWriter(temp, sum))
	head := append([]string{"experiment_id", "unit_id", "arm", "assigned_at"}, m.Columns...)
	if err := w.Write(head); err != nil {
		return nil, err
	}
	assigned := r.AsOf.UTC().Format("2006-01-02 15:04:05")
	list, err := surfaceinsights.Members(ctx, d, r, s, segment, m.Columns, func(member string, cells []string) error {
		arm := Arm(d.Config.Export.Seed, segment, member, share)
		m.Rows++
		if arm == Holdout {
			m.Holdout++
		} else {
			m.Treatment++
		}
		return w.Write(append([]string{id, member, arm, assigned}, cells...))
	})
	if err != nil {
		return nil, err
	}
	if w.Flush(); w.Error() != nil {
		return nil, fmt.Errorf("writing the export: %w", w.Error())
	}
	if least := int64(d.Config.Privacy.MinMembers); m.Rows < least {
		return nil, fault.New(fault.Unavailable, "segment", "%s has fewer than %d members who may be contacted", segment, least).Then("Choose a larger segment")
	}
	if err := errors.Join(temp.Sync(), temp.Close()); err != nil {
		return nil, fmt.Errorf("writing the export: %w", err)
	}
	m.Play, m.Condition, m.Contents = list.Definition.Play, list.Condition, hex.EncodeToString(sum.Sum(nil))
	m.SHA256 = m.Contents
	definition := sha256.Sum256([]byte(list.Definition.ID + "\n" + list.Condition + "\n" + list.Definition.Value))
	m.Definition = hex.EncodeToString(definition[:])[:12]
	m.Consent = "members without consent_marketing, closed and test members are left out"
	if !list.Contactable {
		m.Consent = "closed and test members are left out; whether the others may be contacted is not known"
	}
	m.File, m.Experiment = id+".members.csv", id+".experiment.csv"
	file := temp.Name()
	if args.Format == "parquet" {
		if d.ToParquet == nil {
			return nil, fault.New(fault.Invalid, "format", "there is no engine here that writes Parquet").Then("Take csv")
		}
		m.File, file = id+".members.parquet", temp.Name()+".parquet"
		defer os.Remove(file)
		if err := d.ToParquet(ctx, temp.Name(), file); err != nil {
			return nil, err
		}
		if m.SHA256, err = checksum(file); err != nil {
			return nil, err
		}
	}
	if err := settle(folder, file, m, list); err != nil {
		return nil, err
	}
	at := func(name string) string { return filepath.Join(folder, name) }
	return &Result{ExportID: id, RunID: r.ID, Segment: segment, Rows: m.Rows, Holdout: m.Holdout, Treatment: m.Treatment, Share: share,
		File: at(m.File), Manifest: at(id + ".manifest.json"), Experiment: at(m.Experiment), SHA256: m.SHA256,
		Next: "Contact those of arm treatment only. Map assignments to " + filepath.Join(d.Config.Export.Folder, "*.members"+filepath.Ext(m.File)) + " and experiments to " +
			filepath.Join(d.Config.Export.Folder, "*.experiment.csv") + ", and review_experiments reads the effect."}, nil
}

// settle gives the files their names: the members, the experiment, and last the
// manifest, so that a manifest stands for whole files.
func settle(folder, temp string, m *Manifest, list surfaceinsights.List) error {
	manifest := filepath.Join(folder, m.ExportID+".manifest.json")
	if text, err := os.ReadFile(manifest); err == nil {
		var before Manifest
		if json.Unmarshal(text, &before) == nil && before.Contents == m.Contents && before.File == m.File {
			m.SHA256 = before.SHA256
			return nil // the very same
		}
		return fault.New(fault.Conflict, "segment", "%s was exported already as of %s, with other members or arms, or in another format", m.Segment, m.AsOf).
			Then("Keep that export, since its arms may be in use; or open a run of a later day")
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	shares, err := json.Marshal(map[string]float64{Holdout: m.Share, Treatment: 1 - m.Share})
	if err != nil {
		return err
	}
	if err := errors.Join(w.Write([]string{"experiment_id", "name", "started_at", "hypothesis", "control_arm", "planned_shares", "primary_metric"}),
		w.Write([]string{m.ExportID, list.Definition.Label + " (" + list.Definition.Play + ")", m.AsOf + " 00:00:00", list.Hypothesis(), Holdout, string(shares), "conversion"})); err != nil {
		return err
	}
	w.Flush()
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.Rename(temp, filepath.Join(folder, m.File)); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{m.Experiment, []byte(b.String())}, {m.ExportID + ".manifest.json", append(text, '\n')}} {
		if err := whole(folder, f.name, f.text); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
	}
	return nil
}

// whole writes a file that appears whole or not at all.
func whole(folder, name string, text []byte) error {
	f, err := os.CreateTemp(folder, ".export-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(folder, name))
}

func checksum(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Arm draws a member's arm: the same for the same seed, segment and member, and as
// good as independent between segments.
func Arm(seed, segment, member string, share float64) string {
	sum := sha256.Sum256([]byte(seed + "\x00" + segment + "\x00" + member))
	if float64(binary.BigEndian.Uint64(sum[:8])>>11)/(1<<53) < share {
		return Holdout
	}
	return Treatment
}
