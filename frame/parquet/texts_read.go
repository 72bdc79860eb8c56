package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The methods below append texts to the array's data and put where they end into ends.

// append makes room for a text and copies it.
func (t *texts) append(text []byte) error {
	if t.used > math.MaxInt32-len(text) {
		return errors.New("an array can't hold more than 2 GiB of text")
	}
	t.room(len(text))
	copy(t.data[t.used:], text)
	t.used += len(text)
	return nil
}

func (t *texts) readPlain(ends []int32) error {
	stored := t.stored
	readable := stored[:len(stored)+slack]
	at, used, data := 0, t.used, t.data
	for i := range ends {
		if len(stored)-at < 4 {
			return errShort
		}
		length := int(binary.LittleEndian.Uint32(readable[at:]))
		at += 4
		if length > len(stored)-at {
			return errShort
		}
		if length <= short && used+slack <= len(data) {
			*(*[short]byte)(data[used:]) = [short]byte(readable[at:])
			used += length
		} else {
			t.used = used
			if err := t.append(stored[at : at+length]); err != nil {
				return err
			}
			used, data = t.used, t.data
		}
		at += length
		ends[i] = int32(used)
	}
	t.used, t.stored = used, stored[at:]
	return nil
}

// readFixed reads values that all have the same length.
func (t *texts) readFixed(ends []int32) error {
	bytes := len(ends) * t.length
	if bytes > len(t.stored) {
		return errShort
	}
	if err := t.append(t.stored[:bytes]); err != nil {
		return err
	}
	t.stored = t.stored[bytes:]
	t.fixedEnds(ends)
	return nil
}

// fixedEnds are the ends of values that were appended and all have the same length.
func (t *texts) fixedEnds(ends []int32) {
	end := t.used - len(ends)*t.length
	for i := range ends {
		end += t.length
		ends[i] = int32(end)
	}
}

func (t *texts) readStreams(ends []int32) error {
	n := len(ends)
	if n > t.count-t.at {
		return errShort
	}
	bytes := n * t.length
	if t.used > math.MaxInt32-bytes {
		return errors.New("an array can't hold more than 2 GiB of text")
	}
	t.room(bytes)
	joinStreams(t.data[t.used:], t.stored, t.length, t.count, t.at, n)
	t.used += bytes
	t.at += n
	t.fixedEnds(ends)
	return nil
}

// gather reads codes and appends the dictionary's texts.
func (t *texts) gather(ends []int32) error {
	for len(ends) > 0 {
		codes := t.numbers[:min(len(ends), tileRows)]
		if err := t.codes.next(codes); err != nil {
			return err
		}
		if err := t.look(ends[:len(codes)], codes); err != nil {
			return err
		}
		ends = ends[len(codes):]
	}
	return nil
}

// look appends the dictionary's texts that codes stand for.
func (t *texts) look(ends []int32, codes []uint32) error {
	if t.longest > short {
		return t.lookLong(ends, codes)
	}
	t.room(short * len(codes))
	entries, used, data := t.entries, t.used, t.data
	for i, c := range codes {
		if uint(c) >= uint(len(entries)) {
			return errCode
		}
		e := &entries[c]
		*(*[short]byte)(data[used:]) = e.head
		used += int(e.length)
		ends[i] = int32(used)
	}
	t.used = used
	return nil
}

func (t *texts) lookLong(ends []int32, codes []uint32) error {
	sum := 0
	for _, c := range codes {
		if int(c) >= len(t.entries) {
			return errCode
		}
		sum += int(t.entries[c].length)
	}
	if t.used > math.MaxInt32-sum {
		return errors.New("an array can't hold more than 2 GiB of text")
	}
	t.room(sum)
	used, data := t.used, t.data
	for i, c := range codes {
		e := &t.entries[c]
		if e.length <= short {
			*(*[short]byte)(data[used:]) = e.head
		} else {
			copy(data[used:], t.words[e.at:e.at+e.length])
		}
		used += int(e.length)
		ends[i] = int32(used)
	}
	t.used = used
	return nil
}

func (t *texts) readShared(ends []int32) error {
	for i := range ends {
		v, err := t.bytes.next()
		if err != nil {
			return err
		}
		if t.length > 0 && len(v) != t.length {
			return fmt.Errorf("a value has %d bytes, not %d", len(v), t.length)
		}
		if err := t.append(v); err != nil {
			return err
		}
		ends[i] = int32(t.used)
	}
	return nil
}

// skip passes over n values of the page.
func (t *texts) skip(n int) error {
	switch t.encoding {
	case encodingPlain:
		if t.length == 0 {
			return t.skipSpans(n)
		}
		if n > len(t.stored)/t.length {
			return errShort
		}
		t.stored = t.stored[n*t.length:]
		return nil
	case encodingPlainDictionary, encodingRLEDictionary:
		return t.codes.skip(n)
	case encodingByteStreamSplit:
		if n > t.count-t.at {
			return errShort
		}
		t.at += n
		return nil
	case encodingDeltaLength:
		return t.skipSpans(n)
	}
	return t.bytes.skip(n)
}
