package shardlint

import (
	"regexp"
	"strings"
)

// node is a token, or a parenthesised group of nodes.
type node struct {
	text  string // lower case unless quoted; "" for a group
	group []node
	open  bool // a group, be it empty
}

func (n node) is(words ...string) bool {
	for _, w := range words {
		if !n.open && n.text == w {
			return true
		}
	}
	return false
}

var tokens = regexp.MustCompile(`--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$?[A-Za-z0-9_]+|<=|>=|<>|\|\||[^\s]`)

// parse returns the text as nested nodes, without comments.
func parse(text string) []node {
	stack := [][]node{nil}
	for _, t := range tokens.FindAllString(text, -1) {
		top := len(stack) - 1
		switch {
		case strings.HasPrefix(t, "--"):
		case t == "(":
			stack = append(stack, nil)
		case t == ")" && top > 0:
			inner := stack[top]
			stack = stack[:top]
			stack[top-1] = append(stack[top-1], node{group: inner, open: true})
		case t[0] == '"':
			stack[top] = append(stack[top], node{text: strings.ReplaceAll(t[1:len(t)-1], `""`, `"`)})
		case t[0] == '\'':
			stack[top] = append(stack[top], node{text: "''"})
		default:
			stack[top] = append(stack[top], node{text: strings.ToLower(t)})
		}
	}
	return stack[0]
}

// isQuery reports whether the nodes are a SELECT, perhaps in parentheses.
func isQuery(nodes []node) bool {
	if len(nodes) == 0 {
		return false
	}
	return nodes[0].is("select", "with") || nodes[0].open && isQuery(nodes[0].group)
}

// split cuts the nodes at each separator.
func split(nodes []node, separators ...string) [][]node {
	var out [][]node
	from := 0
	for i, n := range nodes {
		if n.is(separators...) {
			out, from = append(out, nodes[from:i]), i+1
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	return append(out, nodes[from:])
}

// block is one SELECT by its clauses.
type block struct {
	distinct                      bool
	list                          [][]node
	from, where, having, ordering []node
	groups                        [][]node
	grouped                       bool
}

func clauses(nodes []node) block {
	var b block
	parts := map[string][]node{}
	name := ""
	for i := 0; i < len(nodes); i++ {
		n := nodes[i]
		switch {
		case n.is("select", "from", "where", "having", "limit"):
			name = n.text
		case n.is("group", "order") && i+1 < len(nodes) && nodes[i+1].is("by"):
			name = n.text
			i++
		default:
			parts[name] = append(parts[name], n)
		}
	}
	list := parts["select"]
	if len(list) > 0 && list[0].is("distinct") {
		b.distinct, list = true, list[1:]
	}
	b.list, b.from, b.where, b.having, b.ordering = split(list, ","), parts["from"], parts["where"], parts["having"], parts["order"]
	b.groups = split(parts["group"], ",")
	b.grouped = len(b.groups) > 0
	return b
}

// item is one relation of a FROM clause.
type item struct {
	relation []node
	alias    string
	join     string // "left", "inner", "cross"; "" for the first
	on       []node
}

func sources(from []node) []item {
	var out []item
	current := item{}
	var part []node
	flush := func() {
		if len(part) == 0 {
			return
		}
		for i, n := range part {
			if n.is("on") {
				current.on, part = part[i+1:], part[:i]
				break
			}
		}
		current.relation = part
		for i, n := range part {
			if n.is("as") && i+1 < len(part) {
				current.relation, current.alias = part[:i], part[i+1].text
				break
			}
		}
		out, part = append(out, current), nil
	}
	join := "inner"
	for _, n := range from {
		switch {
		case n.is("left", "right", "full", "cross", "inner"):
			join = n.text
		case n.is("lateral"):
			current.join = n.text
		case n.is("outer"):
		case n.is("join", ","):
			flush()
			current = item{join: join}
			join = "inner"
		default:
			part = append(part, n)
		}
	}
	flush()
	return out
}
