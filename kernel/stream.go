package kernel

import (
	"time"
	"unicode/utf8"
)

const (
	// streamFlushBytes is when a stream message is sent without waiting for more. Front ends draw all text of a cell again with each
	// message: the more there is, the larger are messages, up to what a server's limits leave room for.
	streamFlushBytes = 64 << 10
	mostStreamBytes  = 256 << 10
	// streamFlushAfter is how long text waits for more.
	streamFlushAfter = 30 * time.Millisecond
)

// streamBuffer merges writes to one stream; the Cell that holds it has the lock.
type streamBuffer struct {
	name string
	text []byte
	sent int // bytes that were taken
}

// full says that the buffer waits for nothing more.
func (b *streamBuffer) full() bool {
	return len(b.text) >= min(max(b.sent/8, streamFlushBytes), mostStreamBytes)
}

// take empties the buffer. Unless all is set it keeps an incomplete last character for the rest of it to come: writes
// are cut at arbitrary bytes.
func (b *streamBuffer) take(all bool) string {
	n := len(b.text)
	if !all {
		n -= incompleteTail(b.text)
	}
	text := string(b.text[:n])
	b.sent += n
	b.text = append(b.text[:0], b.text[n:]...)
	if cap(b.text) > 2*mostStreamBytes {
		b.text = append([]byte(nil), b.text...)
	}
	return text
}

// incompleteTail is the length of a UTF-8 sequence that has begun at the end of text and is not complete.
func incompleteTail(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
