package kernel

import (
	"context"
	"testing"
)

// BenchmarkEmptyCell is the time from an execute_request to its idle.
func BenchmarkEmptyCell(b *testing.B) {
	c := start(b, &fake{}, "tcp", nil).client("me")
	b.ReportAllocs()
	for b.Loop() {
		c.run("", nil)
	}
}

// BenchmarkDisplays is display_data from a cell to a client that decodes and verifies them.
func BenchmarkDisplays(b *testing.B) {
	const n = 2000
	in := &fake{execute: func(_ context.Context, _ string, c Cell) error {
		bundle := Bundle{Data: map[string]any{"text/plain": "a table", "text/html": "<table><tr><td>a table</td></tr></table>"}}
		for range n {
			_ = c.Show("id", bundle)
		}
		return nil
	}}
	c := start(b, in, "tcp", nil).client("me")
	b.ReportAllocs()
	cells := 0
	for b.Loop() {
		c.run("", nil)
		cells++
	}
	b.ReportMetric(float64(n*cells)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkEncode is what the kernel spends on one display_data: JSON, header, signature.
func BenchmarkEncode(b *testing.B) {
	c := newCodec("secret")
	content := newDisplay("id", Bundle{Data: map[string]any{"text/plain": "a table", "text/html": "<table><tr><td>a table</td></tr></table>"}})
	parent := []byte(`{"msg_id":"1","session":"test","username":"tester","msg_type":"execute_request","version":"5.3"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.encode(outgoing{kind: "display_data", parent: parent, content: content}); err != nil {
			b.Fatal(err)
		}
	}
}
