package comm

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/display/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type cell struct{ sent []string }

func (c *cell) Send(p wire.Packet) error {
	c.sent = append(c.sent, fmt.Sprintf("%s %s %s %q", p.Kind, p.Target, p.Data, p.Buffers))
	return nil
}

func (c *cell) Run(f func()) { f() }

func (c *cell) Capture(_ func(wire.Output), f func()) { f() }

func TestComm(t *testing.T) {
	SetHost(nil)
	if _, err := Open("t", nil); !errors.Is(err, ErrNoCell) {
		t.Errorf("without a cell: %v", err)
	}
	owner := &cell{}
	SetHost(func() Owner { return owner })
	defer SetHost(nil)
	c, err := Open("t", map[string]any{"a": 1}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	c.OnMessage(func(m Message) {
		var v struct{ N int }
		if err := m.Decode(&v); err != nil {
			t.Error(err)
		}
		got = append(got, fmt.Sprint(v.N, len(m.Buffers)))
	}).OnClose(func() { got = append(got, "closed") })
	say := func(kind, data string) {
		wait := Deliver(Packet{Kind: kind, ID: c.ID(), Data: json.RawMessage(data), Buffers: [][]byte{nil, nil}}, owner.Send)
		wait(nil)
	}
	say(wire.Msg, `{"N": 7}`)
	for _, wrong := range []any{5, "x", []int{1}, func() {}} {
		if err := c.Send(wrong); err == nil {
			t.Errorf("%T is sent", wrong)
		}
	}
	if err := c.Send(nil, make([]byte, wire.MaxBufferBytes), []byte("x")); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	say(wire.Close, "")
	if err := c.Send(nil); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if fmt.Sprint(got) != "[7 2 closed]" {
		t.Errorf("heard %q", got)
	}
	if err := c.Close(); err != nil || fmt.Sprint(owner.sent) != `[comm_open t {"a":1} ["x"]]` {
		t.Errorf("%v, said %s", err, owner.sent)
	}
}
