package parquet

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// errPlain says that a page has values where the footer promises codes.
var errPlain = errors.New("they are stored as they are, where the footer says that all refer to the dictionary")

// Coded says whether all values of a column of a row group, read as type t, refer to its dictionary, which Dictionary can read, and how
// many bytes that takes in the file.
func (f *File) Coded(group, field int, t arrow.DataType) (dictionary int64, ok bool) {
	at := &f.Fields[field]
	if at.leaf < 0 {
		return 0, false
	}
	c := &f.Groups[group].chunks[at.leaf]
	if c.about == nil || !c.about.coded || c.dictionary <= 0 || c.dictionary >= c.data {
		return 0, false
	}
	if text := t.ID() == arrow.STRING || t.ID() == arrow.LARGE_STRING || t.ID() == arrow.DICTIONARY; text != (at.physical == ByteArray) {
		return 0, false
	}
	return c.data - c.dictionary, true
}

// dictionaryValues are values that can give those of a dictionary by themselves.
type dictionaryValues interface {
	// all gives the values of a dictionary page.
	all(stored []byte, n int) (arrow.Array, error)
}

// Dictionary reads the values of a column's dictionary.
func (f *File) Dictionary(r io.ReaderAt, mem memory.Allocator, group, field int, t arrow.DataType) (arrow.Array, error) {
	c, err := f.Column(r, mem, group, field, t)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if chunk := &f.Groups[group].chunks[f.Fields[field].leaf]; chunk.data > c.pages.start { // the data pages are not wanted
		c.pages.ahead = int(min(chunk.data-c.pages.start, readAhead))
	}
	h, err := c.pages.header()
	if err != nil {
		return nil, fmt.Errorf("page 0: %w", err)
	}
	if h.kind != pageDictionary {
		return nil, errors.New("page 0: it is no dictionary, where the footer says that there is one")
	}
	body, err := c.pages.storedBody(h)
	if err != nil {
		return nil, fmt.Errorf("page 0: %w", err)
	}
	stored, err := c.pages.dictionary(h, body)
	if err != nil {
		return nil, fmt.Errorf("page 0: %w", err)
	}
	v, ok := c.values.(dictionaryValues)
	if !ok {
		return nil, fmt.Errorf("its values, of type %s, have no dictionary", t)
	}
	values, err := v.all(stored, h.values)
	if err != nil {
		return nil, fmt.Errorf("page 0: %w", err)
	}
	return values, nil
}

func (t *texts) all(stored []byte, n int) (arrow.Array, error) {
	if n > len(stored)/4 {
		return nil, fmt.Errorf("a dictionary of %d values in %d bytes", n, len(stored))
	}
	t.begin(n)
	if err := t.page(encodingPlain, stored); err != nil {
		return nil, err
	}
	if err := t.read(0, n); err != nil {
		return nil, fmt.Errorf("its values: %w", err)
	}
	if n == 0 {
		return array.NewSlice(emptyTexts, 0, 0), nil
	}
	return t.finish(n, 0, nil)
}

func (w *words[W]) all(stored []byte, n int) (arrow.Array, error) {
	if n > len(stored)/w.width {
		return nil, fmt.Errorf("a dictionary of %d values in %d bytes", n, len(stored))
	}
	w.begin(n)
	if err := w.convert(w.out, stored); err != nil {
		return nil, fmt.Errorf("its values: %w", err)
	}
	return w.finish(n, 0, nil)
}

var emptyTexts = func() arrow.Array {
	b := array.NewStringBuilder(memory.NewGoAllocator())
	defer b.Release()
	return b.NewArray()
}()

// Recode has the column give the codes of values, as uint32, 0 for null, in place of the values: codes has one for each of the dictionary.
func (c *Column) Recode(codes []uint32) {
	c.values.free()
	c.values = &codeWords{words: newWords(c.mem, arrow.PrimitiveTypes.Uint32, 4, same[uint32]), codes: codes, size: len(codes)}
}

// Number has the column give the numbers of values in the dictionary, which has size, as uint32, 0 for null, in place of the values.
func (c *Column) Number(size int) {
	c.values.free()
	c.values = &codeWords{words: newWords(c.mem, arrow.PrimitiveTypes.Uint32, 4, same[uint32]), size: size}
}

// codeWords builds arrays of codes.
type codeWords struct {
	*words[uint32]
	codes []uint32 // nil where they are the numbers that are stored
	size  int      // of the dictionary
}

func (w *codeWords) dictionary(_ []byte, n int) error {
	if n != w.size {
		return fmt.Errorf("a dictionary of %d values, which had %d before", n, w.size)
	}
	w.coding = w.codes
	return nil
}

func (w *codeWords) read(at, n int) error {
	if w.codes != nil {
		return w.words.read(at, n)
	}
	for out := w.out[at : at+n]; len(out) > 0; {
		tile := out[:min(len(out), tileRows)]
		if err := w.words.codes.next(tile); err != nil {
			return err
		}
		if err := w.known(tile); err != nil {
			return err
		}
		out = out[len(tile):]
	}
	return nil
}

func (w *codeWords) pick(at int, picks []int32, base int32, n int) error {
	if w.codes != nil {
		return w.words.pick(at, picks, base, n)
	}
	out := w.out[at : at+len(picks)]
	if err := w.words.codes.pick(out, picks, base, n); err != nil {
		return err
	}
	return w.known(out)
}

// known says whether all numbers are in the dictionary.
func (w *codeWords) known(numbers []uint32) error {
	if len(numbers) > 0 && int(farthest(numbers)) >= w.size {
		return errCode
	}
	return nil
}

func (w *codeWords) page(encoding int, stored []byte) error {
	if encoding != encodingPlainDictionary && encoding != encodingRLEDictionary {
		if len(stored) == 0 { // of nulls only
			encoding = encodingRLEDictionary
		} else {
			return errPlain
		}
	}
	return w.words.page(encoding, stored)
}

func (w *codeWords) step() int { return math.MaxInt }
