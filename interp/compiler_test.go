package interp

import (
	"testing"
	"time"
)

// A worker runs functions of cells where no cell is: what the session has in place of packages works there too.
func TestWaitsWithoutACell(t *testing.T) {
	l, end, err := localLanguage()
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	start := time.Now()
	l.sleep(20 * time.Millisecond)
	if took := time.Since(start); took < 20*time.Millisecond {
		t.Errorf("slept %v", took)
	}
	c := make(chan int, 1)
	c <- 7
	if i, got, open := l.selects("r", c); i != 0 || got != 7 || !open {
		t.Errorf("case %d, %v, %v", i, got, open)
	}
	ended := false
	if err := (endings{l.s, l.registry}).until(func() { ended = true }, func() error { return nil }); err != nil || ended {
		t.Errorf("%v, ended %v", err, ended)
	}
	if n, err := l.s.std.writer("stdout").Write([]byte("to the log\n")); n != 11 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}
