package parquet

import (
	"encoding/binary"
	"unsafe"
)

// textSpan is where a text lies.
type textSpan struct{ at, length uint32 }

func (t *texts) readSpans(ends []int32) error {
	for len(ends) > 0 {
		spans := t.spans[:min(len(ends), tileRows)]
		stored := t.stored
		if err := t.walk(spans); err != nil {
			return err
		}
		if err := t.appendSpans(ends, stored, spans); err != nil {
			return err
		}
		ends = ends[len(spans):]
	}
	return nil
}

func (t *texts) skipSpans(n int) error {
	for n > 0 {
		spans := t.spans[:min(n, tileRows)]
		if err := t.walk(spans); err != nil {
			return err
		}
		n -= len(spans)
	}
	return nil
}

// appendSpans appends texts that lie in a page.
func (t *texts) appendSpans(ends []int32, stored []byte, spans []textSpan) error {
	readable := stored[:len(stored)+slack]
	used, data := t.used, t.data
	for i, s := range spans {
		if s.length <= short && used+slack <= len(data) {
			*(*[short]byte)(data[used:]) = [short]byte(readable[s.at:])
			used += int(s.length)
		} else {
			t.used = used
			if err := t.append(stored[s.at : s.at+s.length]); err != nil {
				return err
			}
			used, data = t.used, t.data
		}
		ends[i] = int32(used)
	}
	t.used = used
	return nil
}

const (
	// alike is how many texts are looked at together. Where they have one length, as ids, dates and codes often have, it is known where each begins
	// before the length of the one before it has been loaded.
	alike = 8
	// unlike is how many texts are passed one after the other where they have not.
	unlike = 4 * alike
)

// walk passes over the next texts, and says where they lie in what was stored.
func (t *texts) walk(spans []textSpan) error {
	if t.encoding == encodingDeltaLength {
		return t.walkLengths(spans)
	}
	return t.walkPlain(spans)
}

func (t *texts) walkLengths(spans []textSpan) error {
	var tile [tileRows]int64
	if err := t.lengths.next(tile[:len(spans)]); err != nil {
		return err
	}
	at := 0
	for i, length := range tile[:len(spans)] {
		spans[i] = textSpan{uint32(at), uint32(length)}
		at += int(length)
	}
	t.stored = t.stored[at:]
	return nil
}

// walkPlain is walk where each text stands behind its length in four bytes.
func (t *texts) walkPlain(spans []textSpan) error {
	stored := t.stored
	readable := stored[:len(stored)+slack]
	at := 0
	for len(spans) > 0 {
		if len(stored)-at < 4 {
			return errShort
		}
		if len(spans) >= alike {
			length := binary.LittleEndian.Uint32(readable[at:])
			if step := 4 + int(length); alike*step <= len(stored)-at && sameLengths(readable[at:], step, length) {
				for i := range spans[:alike] {
					spans[i] = textSpan{uint32(at + 4), length}
					at += step
				}
				spans = spans[alike:]
				continue
			}
		}
		few := spans[:min(len(spans), unlike)]
		spans = spans[len(few):]
		for i := range few {
			if len(stored)-at < 4 {
				return errShort
			}
			length := binary.LittleEndian.Uint32(readable[at:])
			at += 4
			if int(length) > len(stored)-at {
				return errShort
			}
			few[i] = textSpan{uint32(at), length}
			at += int(length)
		}
	}
	t.stored = stored[at:]
	return nil
}

// sameLengths says whether the texts that lie step bytes apart, as many as are looked at together, have a length.
func sameLengths(texts []byte, step int, length uint32) bool {
	_ = texts[(alike-1)*step+3]
	base := unsafe.Pointer(unsafe.SliceData(texts))
	other := (lengthAt(base, step) ^ length) | (lengthAt(base, 2*step) ^ length) | (lengthAt(base, 3*step) ^ length) | (lengthAt(base, 4*step) ^ length) |
		(lengthAt(base, 5*step) ^ length) | (lengthAt(base, 6*step) ^ length) | (lengthAt(base, 7*step) ^ length)
	return other == 0
}

func lengthAt(base unsafe.Pointer, at int) uint32 { return *(*uint32)(unsafe.Add(base, at)) }
