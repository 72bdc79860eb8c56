package interp

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/kernel"
)

// An interrupt of a cell stops functions between rows and inside one, and those that were made before still give what
// they should after it.
func TestFunctionsInterrupted(t *testing.T) {
	s := newTestSession(t)
	count := 0
	execute := func(ctx context.Context, code string) (*testCell, error) {
		count++
		c := &testCell{count: count}
		return c, s.Execute(ctx, code, c)
	}
	if _, err := execute(t.Context(), `df := frame.New(map[string]any{"x": make([]float64, 100_000)})
plus := 3.0
slow := df.Map("y", func(x float64) float64 {
	for i := 0; i < 2; i++ {
		x += plus
	}
	time.Sleep(time.Millisecond)
	return x
})
endless := df.Map("y", func(x float64) float64 {
	for x < plus {
		x *= 2
	}
	return x
})`); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{`slow.Count(); slow.Floats("y")`, `endless.Floats("y")`, `for {}`} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		start := time.Now()
		_, err := execute(ctx, code)
		cancel()
		ce, ok := errors.AsType[*kernel.CellError](err)
		if !ok || ce.Name != "interrupted" || time.Since(start) > 5*time.Second {
			t.Errorf("%s: %v after %v", code, err, time.Since(start))
		}
	}
	c, err := execute(t.Context(), `slow.Head(2).Floats("y")`)
	if err != nil || !strings.Contains(c.text("result"), "[6 6]") {
		t.Errorf("%v: %s", err, c.text("result"))
	}
}
