package kernel

import (
	"context"
	"maps"
	"slices"
)

// probe is the cell of an expression whose value goes into a reply: nothing of it is published.
type probe struct {
	*cell
	value Bundle
}

func (p *probe) Silent() bool                    { return false }
func (p *probe) AllowStdin() bool                { return false }
func (p *probe) Stream(_, _ string) error        { return nil }
func (p *probe) Next(string, bool)               {}
func (p *probe) Clear(bool) error                { return nil }
func (p *probe) Show(_ string, b Bundle) error   { return p.Result("", b) }
func (p *probe) Update(_ string, b Bundle) error { return p.Result("", b) }

func (p *probe) Result(_ string, b Bundle) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.value = b
	return nil
}

func (p *probe) Input(context.Context, string, bool) (string, error) { return "", ErrNoStdin }

// userExpressions evaluates what an execute_request asks to know when its cell has succeeded: by name, data like that of a display,
// or an error.
func (k *kernel) userExpressions(ctx context.Context, c *cell, expressions map[string]string) map[string]any {
	values := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(expressions)) {
		p := &probe{cell: c}
		_, err := guarded(func() (struct{}, error) { return struct{}{}, k.in.Execute(ctx, expressions[name], p) })
		if err != nil {
			values[name] = failure(asCellError(ctx, err))
			continue
		}
		p.mu.Lock()
		d := newDisplay("", p.value)
		p.mu.Unlock()
		values[name] = object{"status": "ok", "data": d.Data, "metadata": d.Metadata}
	}
	return values
}
