package zmtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"
)

func encode(m Message) []byte {
	var b []byte
	for i, f := range m {
		flags := byte(flagMore)
		if i == len(m)-1 {
			flags = 0
		}
		b = append(appendHeader(b, flags, len(f)), f...)
	}
	return b
}

func none(string, []byte) error { return nil }

func TestFramesRoundTrip(t *testing.T) {
	for _, m := range []Message{
		{{}},
		{[]byte("a"), {}, []byte("b")},
		{bytes.Repeat([]byte("x"), 255), bytes.Repeat([]byte("y"), 256)},
		{bytes.Repeat([]byte("z"), 5*growStepBytes+1)},
	} {
		got, err := readMessage(bytes.NewReader(encode(m)), DefaultLimits(), none)
		if err != nil || len(got) != len(m) {
			t.Fatalf("%d frames of %d: %v", len(got), len(m), err)
		}
		for i := range m {
			if !bytes.Equal(got[i], m[i]) {
				t.Errorf("frame %d differs", i)
			}
		}
	}
}

func TestBadFrames(t *testing.T) {
	long := func(flags byte, n uint64) []byte { return binary.BigEndian.AppendUint64([]byte{flags}, n) }
	few := Limits{FrameBytes: 100, MessageBytes: 150, Frames: 3}
	for _, test := range []struct {
		name string
		in   []byte
		want error
	}{
		{"nothing", nil, io.EOF},
		{"half a header", []byte{0}, io.ErrUnexpectedEOF},
		{"half a long header", []byte{2, 0, 0}, io.ErrUnexpectedEOF},
		{"half a body", []byte{0, 5, 1}, io.ErrUnexpectedEOF},
		{"half a message", []byte{1, 0}, io.ErrUnexpectedEOF},
		{"unknown flag", []byte{8, 0}, ErrProtocol},
		{"command with more", []byte{5, 0}, ErrProtocol},
		{"empty command", []byte{4, 0}, ErrProtocol},
		{"command name beyond its end", []byte{4, 2, 9, 'x'}, ErrProtocol},
		{"frame over the limit", []byte{0, 101}, ErrTooLarge},
		{"63 bits", long(2, 1<<63-1), ErrTooLarge},
		{"64 bits", long(2, 1<<64-1), ErrTooLarge},
		{"command over its limit", long(6, commandLimitBytes+1), ErrTooLarge},
		{"message over the limit", append(encode(Message{make([]byte, 100), nil})[:102], 1, 51), ErrTooLarge},
		{"frames over the limit", encode(Message{nil, nil, nil, nil}), ErrTooLarge},
	} {
		if _, err := readMessage(bytes.NewReader(test.in), few, none); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// A peer that claims much and sends little costs little.
func TestMemoryFollowsBytes(t *testing.T) {
	in := binary.BigEndian.AppendUint64([]byte{2}, 200<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := readMessage(bytes.NewReader(in), DefaultLimits(), none); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 4*growStepBytes {
		t.Errorf("%d bytes allocated for a header", got)
	}
}

func FuzzReadMessage(f *testing.F) {
	f.Add(encode(Message{[]byte("a"), []byte("b")}))
	f.Add([]byte("\x04\x05\x04PING\x00\x00\x00\x01x"))
	f.Add(binary.BigEndian.AppendUint64([]byte{2}, 1<<63))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := Limits{FrameBytes: 1 << 16, MessageBytes: 1 << 17, Frames: 8}
		m, err := readMessage(bytes.NewReader(data), l, none)
		if err != nil {
			return
		}
		again, err := readMessage(bytes.NewReader(encode(m)), l, none)
		if err != nil || len(m) == 0 || len(m) > l.Frames || len(again) != len(m) {
			t.Errorf("%d frames, again %d: %v", len(m), len(again), err)
		}
	})
}

func FuzzReadProperties(f *testing.F) {
	f.Add([]byte("\x0bSocket-Type\x00\x00\x00\x03SUB"))
	f.Add([]byte("\x08Identity\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		into := map[string]string{}
		if err := readProperties(data, into); err != nil && !errors.Is(err, ErrProtocol) {
			t.Error(err)
		}
	})
}
