package pipe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/kernel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConnKeepsFramesWhole(t *testing.T) {
	a, b := net.Pipe()
	out, in := NewConn(a), NewConn(b)
	const senders, each = 4, 50
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				m := &Message{Kind: Stream, Cell: uint64(s), Cursor: i, Text: strings.Repeat("é\x00\n\xe2\x82", 100*(i%7))}
				if err := out.Send(m); err != nil {
					t.Error(err)
				}
			}
		})
	}
	next := [senders]int{}
	for range senders * each {
		m, err := in.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if m.Cursor != next[m.Cell] || m.Text != strings.Repeat("é\x00\n\xe2\x82", 100*(m.Cursor%7)) {
			t.Fatalf("frame %d of %d came as %d", next[m.Cell], m.Cell, m.Cursor)
		}
		next[m.Cell]++
	}
	wg.Wait()
	out.Close()
	if _, err := in.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
	in.Close()
}

func TestConnRefusesLargeFrames(t *testing.T) {
	a, b := net.Pipe()
	in := NewConn(b)
	go func() {
		var head [4]byte
		binary.BigEndian.PutUint32(head[:], MaxFrame+1)
		_, _ = a.Write(head[:])
		a.Close()
	}()
	if _, err := in.Receive(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	in.Close()
}

func TestConnCarriesBuffers(t *testing.T) {
	a, b := net.Pipe()
	out, in := NewConn(a), NewConn(b)
	sent := [][]byte{{}, []byte("\x00\xff"), bytes.Repeat([]byte("x"), 1<<20)}
	go func() {
		for range 2 {
			if err := out.Send(&Message{Kind: Comm, Comm: &kernel.CommMessage{ID: "a", Buffers: sent}}); err != nil {
				t.Error(err)
			}
		}
		out.Close()
	}()
	for range 2 {
		m, err := in.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if m.Comm.ID != "a" || !slices.EqualFunc(m.Comm.Buffers, sent, bytes.Equal) {
			t.Errorf("came as %d buffers of %v", len(m.Comm.Buffers), m.Sizes)
		}
	}
	in.Close()
}

func TestConnRefusesWrongBuffers(t *testing.T) {
	for _, body := range []string{`{"s":[1]}`, `{"p":{},"s":[-1]}`, `{"p":{},"s":[600000000]}`, `{"p":{},"s":[1]}`} {
		frame := append([]byte{0, 0, 0, byte(len(body))}, body...)
		c := NewConn(struct {
			io.Reader
			io.Writer
			io.Closer
		}{bytes.NewReader(frame), io.Discard, io.NopCloser(nil)})
		if m, err := c.Receive(); err == nil {
			t.Errorf("%s came as %v", body, m)
		}
	}
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02{}"))
	f.Add([]byte("\x00\x00\x00\x09{\"k\":\"x\"}"))
	f.Add([]byte("\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) >= 4 && binary.BigEndian.Uint32(data) > 1<<20 {
			t.Skip("allocates what it announces, up to MaxFrame")
		}
		if bytes.Contains(data, []byte(`"s"`)) || bytes.Contains(data, []byte(`\u`)) {
			t.Skip("buffers that it announces are allocated as well")
		}
		c := NewConn(struct {
			io.Reader
			io.Writer
			io.Closer
		}{strings.NewReader(string(data)), io.Discard, io.NopCloser(nil)})
		for {
			if m, err := c.Receive(); err != nil {
				if m != nil {
					t.Error("a message with an error")
				}
				return
			}
		}
	})
}
