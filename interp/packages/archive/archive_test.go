package archive

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sample() []Entry {
	return []Entry{
		{"b", "note of b", []byte(strings.Repeat("text ", 1000))},
		{"a/empty", "", nil},
		{"c", "", []byte{0, 1, 2}},
	}
}

func TestRoundTrip(t *testing.T) {
	data, err := Write(sample())
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Write(sample())
	if !bytes.Equal(data, again) {
		t.Error("the same entries give other bytes")
	}
	a, err := Open(string(data))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Names(), []string{"b", "a/empty", "c"}) {
		t.Errorf("names %v", a.Names())
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, e := range sample() {
				text, err := a.Get(e.Name)
				note, ok := a.Note(e.Name)
				if err != nil || !bytes.Equal(text, e.Text) || note != e.Note || !ok {
					t.Errorf("%s: %q, note %q, %v", e.Name, text, note, err)
				}
			}
		})
	}
	group.Wait()
	if _, err := a.Get("nothing"); err == nil {
		t.Error("got an entry that is not there")
	}
	if _, ok := a.Note("nothing"); ok {
		t.Error("got the note of an entry that is not there")
	}
}

func TestCorrupt(t *testing.T) {
	data, _ := Write(sample())
	for n := range len(data) {
		if _, err := Open(string(data[:n])); !errors.Is(err, ErrCorrupt) {
			t.Errorf("first %d of %d bytes: %v", n, len(data), err)
		}
	}
	if _, err := Open(string(data) + "x"); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a byte more: %v", err)
	}
}

// Whatever the bytes, there are errors, not panics.
func FuzzOpen(f *testing.F) {
	data, _ := Write(sample())
	f.Add(data)
	f.Add([]byte{1, 1, 'a', 0, 0, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(_ *testing.T, data []byte) {
		a, err := Open(string(data))
		if err != nil {
			return
		}
		for _, name := range a.Names()[:min(len(a.Names()), 3)] { // each may claim to be large
			_, _ = a.Get(name)
		}
	})
}
