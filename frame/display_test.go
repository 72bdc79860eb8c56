package frame_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/rivulet-go/rivulet/display"
	. "github.com/rivulet-go/rivulet/frame"
)

// screen keeps the last bundle that is shown.
type screen struct {
	mu    sync.Mutex
	n     int
	last  display.Bundle
	shown chan struct{}
}

func (s *screen) Show(_ string, b display.Bundle) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = b
	if s.n++; s.n == 1 && s.shown != nil {
		close(s.shown)
	}
	return nil
}

func (s *screen) Update(id string, b display.Bundle) error { return s.Show(id, b) }
func (s *screen) Clear(bool) error                         { return nil }
func (s *screen) Input(string, bool) (string, error)       { return "", nil }
func (s *screen) Live() bool                               { return true }
func (s *screen) Progress(string) error                    { return nil }

var _ display.Watcher = (*Frame)(nil)

func TestDisplay(t *testing.T) {
	s := &screen{}
	df := sample().GroupBy("carrier").Agg(Mean("dep_delay"), Count()).Sort(Desc("count"), "carrier")
	if err := display.Run(t.Context(), s, "", nil, df); err != nil {
		t.Fatal(err)
	}
	text, _ := s.last.Data["text/plain"].(string)
	want := `carrier  dep_delay_mean  count
string            float    int
───────  ──────────────  ─────
UA                -1.00      3
AA                54.25      2
B6                 null      1
3 rows × 3 columns · `
	if !strings.HasPrefix(text, want) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if m := s.last.Metadata["rivulet"].(map[string]any); m["final"] != true || m["rows"] != int64(3) {
		t.Errorf("metadata %v", m)
	}
	if err := display.Run(t.Context(), s, "", nil, sample().Filter("nope > 1")); err == nil || !strings.HasPrefix(err.Error(), "Filter: ") {
		t.Errorf("err %v", err)
	}
}

func TestDisplayEmpty(t *testing.T) {
	s := &screen{}
	if err := display.Run(t.Context(), s, "", nil, sample().Filter("distance < 0")); err != nil {
		t.Fatal(err)
	}
	if text, _ := s.last.Data["text/plain"].(string); !strings.Contains(text, "0 rows × 4 columns") {
		t.Errorf("%s", text)
	}
}

// An error of the computation comes with what there was before it.
func TestDisplayFails(t *testing.T) {
	s := &screen{}
	df := big(10).WithColumn("n", When("i == 7").Then("x").Otherwise("12")).WithColumn("n", Col("n").Cast("int"))
	err := display.Run(t.Context(), s, "", nil, df)
	if err == nil || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("err %v", err)
	}
}

func TestDisplayInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &screen{shown: make(chan struct{})}
	go func() {
		<-s.shown
		cancel()
	}()
	defer cancel()
	// The left side has several splits, and each row 50 partners: there is much to do after the first state.
	err := display.Run(ctx, s, "", nil, big(1_000_000).Join(big(5_000), "g").Agg(Count(), Sum("i")))
	if err == nil {
		t.Error("not interrupted")
	}
	if text, _ := s.last.Data["text/plain"].(string); !strings.Contains(text, "interrupted after") {
		t.Errorf("%s", text)
	}
}
