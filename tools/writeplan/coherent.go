package writeplan

import (
	"fmt"
	"slices"

	"loyaltymcp/internal/fault"
)

// coherent checks what a schema can't: that the parts of a plan fit one another.
// A plan edited by hand may break any of it.
func (p *Plan) coherent() error {
	if err := p.acyclic(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, it := range p.Backlog {
		if seen[it.ID] {
			return fault.New(fault.Invalid, fmt.Sprintf("backlog[%d].id", i), "%s is there twice", it.ID).Then("Give every item an id of its own")
		}
		seen[it.ID] = true
	}
	for i, e := range p.Escalations {
		field := fmt.Sprintf("escalations[%d]", i)
		if len(p.Ladder) == 0 { // older plans don't have it
			break
		}
		if e.Rung > len(p.Ladder) {
			return fault.New(fault.Invalid, field+".rung", "the ladder has %d rungs, not %d", len(p.Ladder), e.Rung).OneOf("", p.Ladder)
		}
	}
	return nil
}

// acyclic checks that tasks depend on tasks of the plan only, without a cycle, and
// that the tasks of a parallel group don't wait for each other.
func (p *Plan) acyclic() error {
	needs := map[string][]string{}
	var ids []string
	for _, t := range p.tasks() {
		if _, twice := needs[t.ID]; twice {
			return fault.New(fault.Invalid, "stages", "task %s is there twice", t.ID).Then("Give every task an id of its own")
		}
		needs[t.ID] = t.Dependencies
		ids = append(ids, t.ID)
	}
	for _, id := range ids {
		for _, d := range needs[id] {
			if _, ok := needs[d]; !ok {
				return fault.New(fault.Invalid, "stages", "task %s depends on %q, which is no task of the plan", id, d).OneOf(d, ids)
			}
		}
	}
	free := map[string]bool{}
	for _, id := range ids {
		if around := cycle(id, needs, nil, free); around != nil {
			return fault.New(fault.Invalid, "stages", "tasks wait for each other in a circle: %v", around).Then("Take one of these dependencies out")
		}
	}
	for _, g := range p.Parallelization.Groups {
		for _, id := range append(slices.Clone(g.Tasks), g.WaitFor...) {
			if _, ok := needs[id]; !ok {
				return fault.New(fault.Invalid, "parallelization", "group %s names %q, which is no task of the plan", g.ID, id).OneOf(id, ids)
			}
		}
		for _, id := range g.Tasks {
			for _, d := range needs[id] {
				if slices.Contains(g.Tasks, d) {
					return fault.New(fault.Invalid, "parallelization", "group %s runs %s beside %s, on which it depends", g.ID, id, d).Then("Take one of them out of the group")
				}
			}
		}
	}
	return nil
}

// cycle returns the tasks on the way from a task back to itself, nil when there is
// no such way; free are the tasks already known to lead to none.
func cycle(id string, needs map[string][]string, path []string, free map[string]bool) []string {
	if i := slices.Index(path, id); i >= 0 {
		return append(slices.Clone(path[i:]), id)
	}
	if free[id] {
		return nil
	}
	for _, d := range needs[id] {
		if around := cycle(d, needs, append(path, id), free); around != nil {
			return around
		}
	}
	free[id] = true
	return nil
}
