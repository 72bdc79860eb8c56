package zmtp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

func newPublisher(t *testing.T, l *logged) *Publisher {
	t.Helper()
	b, err := NewPublisher("tcp://127.0.0.1:0", l.config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = b.Close(ctx)
	})
	return b
}

func subscribed(t *testing.T, b *Publisher, topic string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := b.Subscribed(ctx, topic, n); err != nil {
		t.Fatal(err)
	}
}

func TestSubscriptions(t *testing.T) {
	var l logged
	b := newPublisher(t, &l)
	conn, r := connect(t, b.Server, zmq4.Sub, "")
	say := func(s string) {
		if err := conn.SendMsg(zmq4.NewMsgString(s)); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []string{"\x01a", "\x01a", "\x00a", "\x00never", "\x01b", "\x00b", "", "\x07x", "\x01end"} {
		say(s)
	}
	if err := conn.SendCmd(zmq4.CmdSubscribe, []byte("c")); err != nil { // ZMTP 3.1
		t.Fatal(err)
	}
	subscribed(t, b, "c", 1)
	for _, topic := range []string{"b1", "a1", "x", "", "c1", "end"} {
		if err := b.Publish(Message{[]byte(topic)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"a1", "c1", "end"} {
		if m := receive(t, conn, r); string(m.Frames[0]) != want {
			t.Errorf("%q, not %q", m.Frames[0], want)
		}
	}
	if err := b.Publish(nil); err == nil {
		t.Error("an empty message is accepted")
	}
}

// One subscriber stops reading: the other gets everything, and the first is disconnected.
func TestStalledSubscriber(t *testing.T) {
	const n = 4000
	var l logged
	b := newPublisher(t, &l)
	b.QueueBytes, b.StallAfter = 1<<20, 200*time.Millisecond
	good, r := connect(t, b.Server, zmq4.Sub, "same")
	stalled, _ := connect(t, b.Server, zmq4.Sub, "same")
	for _, c := range []*zmq4.Conn{good, stalled} {
		if err := c.SendMsg(zmq4.NewMsgString("\x01")); err != nil {
			t.Fatal(err)
		}
	}
	subscribed(t, b, "", 2)
	go func() {
		body := make([]byte, 10_000)
		for i := range n {
			b.Throttle(context.Background())
			_ = b.Publish(Message{[]byte("t"), []byte(strconv.Itoa(i)), body})
		}
	}()
	for i := range n {
		if m := receive(t, good, r); string(m.Frames[1]) != strconv.Itoa(i) {
			t.Fatalf("%q, not %d", m.Frames[1], i)
		}
	}
	eventually(t, "the disconnection", func() bool { return l.contains("subscriber disconnected") })
	subscribed(t, b, "", 1)
	if b.count("") != 1 {
		t.Errorf("%d subscribers", b.count(""))
	}
}

// A subscriber that is slow but reads holds the producer back and loses nothing.
func TestSlowSubscriber(t *testing.T) {
	const n = 150
	var l logged
	b := newPublisher(t, &l)
	b.QueueBytes, b.StallAfter = 256<<10, 500*time.Millisecond
	conn, r := connect(t, b.Server, zmq4.Sub, "")
	if err := conn.SendMsg(zmq4.NewMsgString("\x01")); err != nil {
		t.Fatal(err)
	}
	subscribed(t, b, "", 1)
	go func() {
		body := bytes.Repeat([]byte("x"), 200_000)
		for i := range n {
			b.Throttle(context.Background())
			_ = b.Publish(Message{[]byte("t"), []byte(strconv.Itoa(i)), body})
		}
	}()
	for i := range n {
		time.Sleep(5 * time.Millisecond)
		if m := receive(t, conn, r); string(m.Frames[1]) != strconv.Itoa(i) || len(m.Frames[2]) != 200_000 {
			t.Fatalf("%q, not %d", m.Frames[1], i)
		}
	}
}

// Close gives up on a subscriber that does not read, and says what was lost; nothing blocks afterwards.
func TestCloseWithStalledSubscriber(t *testing.T) {
	var l logged
	b := newPublisher(t, &l)
	conn, _ := connect(t, b.Server, zmq4.Sub, "")
	if err := conn.SendMsg(zmq4.NewMsgString("\x01")); err != nil {
		t.Fatal(err)
	}
	subscribed(t, b, "", 1)
	if err := b.Publish(Message{make([]byte, 32<<20)}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := b.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	if err := b.Publish(Message{{1}}); !errors.Is(err, ErrClosed) {
		t.Errorf("publish after close: %v", err)
	}
	b.Throttle(t.Context())
}

func BenchmarkPublish(b *testing.B) {
	p, err := NewPublisher("tcp://127.0.0.1:0", Config{})
	if err != nil {
		b.Fatal(err)
	}
	c, err := net.Dial("tcp", p.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	conn, err := zmq4.Open(c, null.Security(), zmq4.Sub, nil, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	received := make(chan int64)
	go func() {
		defer c.Close()
		n, _ := io.Copy(io.Discard, c)
		received <- n
	}()
	if err := conn.SendMsg(zmq4.NewMsgString("\x01")); err != nil {
		b.Fatal(err)
	}
	_ = p.Subscribed(b.Context(), "", 1)
	m := Message{[]byte("topic"), make([]byte, 300)}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		p.Throttle(b.Context())
		if err := p.Publish(m); err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := p.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	if got, least := <-received, int64(n)*305; got < least {
		b.Fatalf("%d of %d bytes arrived", got, least)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
}
