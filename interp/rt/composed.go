package rt

import (
	"container/heap"
	"fmt"
	"io"
	"reflect"
	"sort"
)

// composed is an adapter type, what it needs and how it is made.
type composed struct {
	methods []string
	t       reflect.Type
	make    func(held) any
}

// handmade finds the adapter with the most methods of the type that has those of iface.
func handmade(b *binding, iface reflect.Type) func(held) any {
	for _, c := range compositions {
		if c.t.Implements(iface) && missingFrom(b, c.methods) == "" {
			return c.make
		}
	}
	return nil
}

func missingFrom(b *binding, methods []string) string {
	for _, name := range methods {
		m := b.methods[name]
		if m == nil || m.str != signatures[name] {
			return name
		}
	}
	return ""
}

// signatures are those that the mixins stand for.
var signatures = map[string]string{}

func compose[T any](f func(held) T, methods ...string) composed {
	return composed{methods, reflect.TypeFor[T](), func(h held) any { return f(h) }}
}

func init() {
	for _, t := range []reflect.Type{
		reflect.TypeFor[interface {
			io.ReadWriteSeeker
			io.Closer
			io.ReaderAt
			io.WriterAt
			io.ByteScanner
			io.RuneScanner
			io.ByteWriter
			io.StringWriter
			io.WriterTo
			io.ReaderFrom
			Flush() error
		}](),
		reflect.TypeFor[heap.Interface](),
	} {
		for m := range t.Methods() {
			signatures[m.Name] = m.Type.String()
		}
	}
}

// compositions has those with more methods first.
var compositions = []composed{
	compose(func(h held) file { return file{h, reads{h}, writes{h}, seeks{h}, readsAt{h}, writesAt{h}, closes{h}} },
		"Read", "Write", "Seek", "ReadAt", "WriteAt", "Close"),
	compose(func(h held) runeScanner {
		return runeScanner{h, reads{h}, readsByte{h}, unreadsByte{h}, readsRune{h}, unreadsRune{h}}
	}, "Read", "ReadByte", "UnreadByte", "ReadRune", "UnreadRune"),
	compose(func(h held) readerAtSeekCloser {
		return readerAtSeekCloser{h, reads{h}, seeks{h}, readsAt{h}, closes{h}}
	},
		"Read", "Seek", "ReadAt", "Close"),
	compose(func(h held) readWriteSeekCloser {
		return readWriteSeekCloser{h, reads{h}, writes{h}, seeks{h}, closes{h}}
	},
		"Read", "Write", "Seek", "Close"),
	compose(func(h held) heaped { return heaped{sorted{h, newSorts(h)}} }, "Len", "Less", "Swap", "Push", "Pop"),
	compose(func(h held) readerAtSeeker { return readerAtSeeker{h, reads{h}, seeks{h}, readsAt{h}} }, "Read", "Seek", "ReadAt"),
	compose(func(h held) readSeekCloser { return readSeekCloser{h, reads{h}, seeks{h}, closes{h}} }, "Read", "Seek", "Close"),
	compose(func(h held) readCloserTo { return readCloserTo{h, reads{h}, closes{h}, writesTo{h}} }, "Read", "Close", "WriteTo"),
	compose(func(h held) readWriteCloser { return readWriteCloser{h, reads{h}, writes{h}, closes{h}} }, "Read", "Write", "Close"),
	compose(func(h held) readWriteSeeker { return readWriteSeeker{h, reads{h}, writes{h}, seeks{h}} }, "Read", "Write", "Seek"),
	compose(func(h held) readScanner { return readScanner{h, reads{h}, readsByte{h}, unreadsByte{h}} }, "Read", "ReadByte", "UnreadByte"),
	compose(func(h held) readRuneScanner { return readRuneScanner{h, reads{h}, readsRune{h}, unreadsRune{h}} }, "Read", "ReadRune", "UnreadRune"),
	compose(func(h held) writeFlushCloser { return writeFlushCloser{h, writes{h}, flushes{h}, closes{h}} }, "Write", "Flush", "Close"),
	compose(func(h held) textWriter { return textWriter{h, writes{h}, writesString{h}, writesByte{h}} }, "Write", "WriteString", "WriteByte"),
	compose(func(h held) textWriteCloser { return textWriteCloser{h, writes{h}, writesString{h}, closes{h}} }, "Write", "WriteString", "Close"),
	compose(func(h held) writeCloserFrom { return writeCloserFrom{h, writes{h}, closes{h}, readsFrom{h}} }, "Write", "Close", "ReadFrom"),
	compose(func(h held) sorted { return sorted{h, newSorts(h)} }, "Len", "Less", "Swap"),
	compose(func(h held) readCloser { return readCloser{h, reads{h}, closes{h}} }, "Read", "Close"),
	compose(func(h held) readSeeker { return readSeeker{h, reads{h}, seeks{h}} }, "Read", "Seek"),
	compose(func(h held) readerTo { return readerTo{h, reads{h}, writesTo{h}} }, "Read", "WriteTo"),
	compose(func(h held) byteReader { return byteReader{h, reads{h}, readsByte{h}} }, "Read", "ReadByte"),
	compose(func(h held) readWriter { return readWriter{h, reads{h}, writes{h}} }, "Read", "Write"),
	compose(func(h held) writeCloser { return writeCloser{h, writes{h}, closes{h}} }, "Write", "Close"),
	compose(func(h held) stringWriter { return stringWriter{h, writes{h}, writesString{h}} }, "Write", "WriteString"),
	compose(func(h held) writerFrom { return writerFrom{h, writes{h}, readsFrom{h}} }, "Write", "ReadFrom"),
	compose(func(h held) writeSeeker { return writeSeeker{h, writes{h}, seeks{h}} }, "Write", "Seek"),
	compose(func(h held) writeFlusher { return writeFlusher{h, writes{h}, flushes{h}} }, "Write", "Flush"),
	compose(func(h held) reader { return reader{h, reads{h}} }, "Read"),
	compose(func(h held) writer { return writer{h, writes{h}} }, "Write"),
	compose(func(h held) closer { return closer{h, closes{h}} }, "Close"),
}

type (
	file struct {
		held
		reads
		writes
		seeks
		readsAt
		writesAt
		closes
	}
	runeScanner struct {
		held
		reads
		readsByte
		unreadsByte
		readsRune
		unreadsRune
	}
	readerAtSeekCloser struct {
		held
		reads
		seeks
		readsAt
		closes
	}
	readWriteSeekCloser struct {
		held
		reads
		writes
		seeks
		closes
	}
	readerAtSeeker struct {
		held
		reads
		seeks
		readsAt
	}
	readSeekCloser struct {
		held
		reads
		seeks
		closes
	}
	readCloserTo struct {
		held
		reads
		closes
		writesTo
	}
	readWriteCloser struct {
		held
		reads
		writes
		closes
	}
	readWriteSeeker struct {
		held
		reads
		writes
		seeks
	}
	readScanner struct {
		held
		reads
		readsByte
		unreadsByte
	}
	readRuneScanner struct {
		held
		reads
		readsRune
		unreadsRune
	}
	writeFlushCloser struct {
		held
		writes
		flushes
		closes
	}
	textWriter struct {
		held
		writes
		writesString
		writesByte
	}
	textWriteCloser struct {
		held
		writes
		writesString
		closes
	}
	writeCloserFrom struct {
		held
		writes
		closes
		readsFrom
	}
	sorted struct {
		held
		sorts
	}
	readCloser struct {
		held
		reads
		closes
	}
	readSeeker struct {
		held
		reads
		seeks
	}
	readerTo struct {
		held
		reads
		writesTo
	}
	byteReader struct {
		held
		reads
		readsByte
	}
	readWriter struct {
		held
		reads
		writes
	}
	writeCloser struct {
		held
		writes
		closes
	}
	stringWriter struct {
		held
		writes
		writesString
	}
	writerFrom struct {
		held
		writes
		readsFrom
	}
	writeSeeker struct {
		held
		writes
		seeks
	}
	writeFlusher struct {
		held
		writes
		flushes
	}
	reader struct {
		held
		reads
	}
	writer struct {
		held
		writes
	}
	closer struct {
		held
		closes
	}
	heaped struct{ sorted }
)

func (h heaped) Push(x any) { h.passed("Push", x) }

func (h heaped) Pop() any { return h.call("Pop")[0].Interface() }

var (
	_ heap.Interface = heaped{}
	_ sort.Interface = sorted{}
	_ fmt.Formatter  = reader{}
)
