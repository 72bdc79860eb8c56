package kernel

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// helpCell is a cell that only asks about a name: "name?", "?name", or with two marks for more detail.
var helpCell = regexp.MustCompile(`^(\?{0,2})([\p{L}_][\p{L}\p{N}_.]*)(\?{0,2})$`)

// ownLine is a cell that the kernel answers itself.
var ownLine = regexp.MustCompile(`^%(history|reset)(?:\s+(\d+))?$`)

// runOwn shows the last cells of this session, or starts the interpreter anew.
func (k *kernel) runOwn(ctx context.Context, c *cell, name, count string) error {
	if name == "reset" {
		if err := k.in.Restart(ctx); err != nil {
			return err
		}
		k.closeComms(c.request.raw)
		return c.Stream("stderr", "variables, functions and imports are forgotten\n")
	}
	past := k.past.own()
	if n, err := strconv.Atoi(count); err == nil {
		past = lastOf(past, &n)
	}
	for _, e := range past {
		if err := c.Stream("stdout", fmt.Sprintf("In[%d]: %s\n", e.Line, strings.TrimRight(*e.Input, "\n"))); err != nil {
			return err
		}
	}
	return nil
}

// helpName is the name that a cell asks about, and how much it asks.
func helpName(code string) (name string, detail int, ok bool) {
	m := helpCell.FindStringSubmatch(strings.TrimSpace(code))
	if m == nil || (m[1] == "") == (m[3] == "") {
		return "", 0, false
	}
	return m[2], len(m[1]+m[3]) - 1, true
}

// runCell runs a cell, or answers one that asks about a name with a payload for the front end's pager.
func (k *kernel) runCell(ctx context.Context, code string, c *cell) (payload []any, err error) {
	if m := ownLine.FindStringSubmatch(strings.TrimSpace(code)); m != nil {
		return []any{}, k.runOwn(ctx, c, m[1], m[2])
	}
	name, detail, ok := helpName(code)
	if !ok {
		return []any{}, k.in.Execute(ctx, code, c)
	}
	b, err := k.in.Inspect(ctx, name, len(name), detail)
	if err != nil {
		return nil, err
	}
	if len(b.Data) == 0 {
		return nil, &CellError{Name: "not found", Value: fmt.Sprintf("nothing is known of %q", name)}
	}
	return []any{map[string]any{"source": "page", "data": newDisplay("", b).Data, "start": 0}}, nil
}
