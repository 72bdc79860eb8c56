package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

type historyContent struct {
	Output  bool   `json:"output"` // results too
	Access  string `json:"hist_access_type"`
	Session int    `json:"session"` // 0 is this one, -1 the one before
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"` // not included; missing means the end
	N       *int   `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// history answers with (session, line, input), or (session, line, (input, output)), oldest first.
func (k *kernel) history(_ context.Context, r *request) (any, error) {
	var content historyContent
	if err := json.Unmarshal(r.content, &content); err != nil {
		return nil, &CellError{Name: "bad request", Value: err.Error()}
	}
	var found []entry
	switch content.Access {
	case "tail":
		all, _ := k.past.entries()
		found = lastOf(all, content.N)
	case "search":
		all, _ := k.past.entries()
		found = lastOf(matching(all, content.Pattern, content.Unique), content.N)
	case "range":
		found = k.historyRange(content)
	default:
		return nil, &CellError{Name: "bad request", Value: fmt.Sprintf("hist_access_type %q is not range, tail or search", content.Access)}
	}
	items := make([]any, len(found))
	for i, e := range found {
		var cell any = *e.Input
		if content.Output {
			cell = []any{*e.Input, e.Output}
		}
		items[i] = []any{e.Session, e.Line, cell}
	}
	return object{"status": "ok", "history": items}, nil
}

func lastOf(entries []entry, n *int) []entry {
	if n == nil || *n >= len(entries) {
		return entries
	}
	return entries[len(entries)-max(*n, 0):]
}

// historyRange is the lines of one session. Those of this session have the number 0, as they were asked for.
func (k *kernel) historyRange(content historyContent) (found []entry) {
	session, all := content.Session, k.past.own()
	if session != 0 {
		var current int
		if all, current = k.past.entries(); session < 0 {
			session += current
		}
	}
	for _, e := range all {
		if content.Session == 0 {
			e.Session = 0
		}
		if e.Session == session && e.Line >= content.Start && (content.Stop == nil || e.Line < *content.Stop) {
			found = append(found, e)
		}
	}
	return found
}

// matching is the entries that match the pattern, of equal ones the newest where unique.
func matching(all []entry, pattern string, unique bool) (found []entry) {
	match := glob(pattern)
	newest := map[string]int{}
	for i, e := range all {
		newest[*e.Input] = i
	}
	for i, e := range all {
		if match.MatchString(*e.Input) && (!unique || newest[*e.Input] == i) {
			found = append(found, e)
		}
	}
	return found
}

// glob is a pattern with *, ? and [sets], over the whole of a text.
func glob(pattern string) *regexp.Regexp {
	if pattern == "" {
		pattern = "*"
	}
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for rest := pattern; rest != ""; {
		switch end := strings.IndexByte(rest, ']'); {
		case rest[0] == '*':
			b.WriteString(".*")
			rest = rest[1:]
		case rest[0] == '?':
			b.WriteString(".")
			rest = rest[1:]
		case rest[0] == '[' && end > 1:
			b.WriteString("[" + strings.ReplaceAll(regexp.QuoteMeta(rest[1:end]), `\^`, "^") + "]")
			rest = rest[end+1:]
		default:
			next := 1 + strings.IndexAny(rest[1:]+"*", "*?[")
			b.WriteString(regexp.QuoteMeta(rest[:next]))
			rest = rest[next:]
		}
	}
	b.WriteString(`\z`)
	if match, err := regexp.Compile(b.String()); err == nil {
		return match
	}
	return regexp.MustCompile(`(?s)\A` + regexp.QuoteMeta(pattern) + `\z`)
}
