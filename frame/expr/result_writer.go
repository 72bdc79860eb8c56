package expr

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// resultWriter builds a column of what functions give, row by row in order. Values are 64 bits wide, bools or texts.
type resultWriter struct {
	mem   memory.Allocator
	dt    arrow.DataType
	rows  int
	valid *memory.Buffer // nil while there are no nulls
	buf   *memory.Buffer // values, or bits
	text  *textWriter

	floats []float64
	ints   []int64 // also the bits of uint64
	bits   []byte
}

func newResultWriter(mem memory.Allocator, dt arrow.DataType, rows int) *resultWriter {
	w := &resultWriter{mem: mem, dt: dt, rows: rows}
	switch physicalOf(dt) {
	case physFloat:
		w.buf, w.floats = newFixed[float64](mem, rows)
	case physBool:
		w.buf, w.bits = newBits(mem, rows)
		clear(w.bits)
	case physBytes:
		w.text = newTextWriter(mem, rows, 8*rows)
	default:
		w.buf, w.ints = newFixed[int64](mem, rows)
	}
	return w
}

func (w *resultWriter) null(i int) {
	if w.valid == nil {
		w.valid = newBuffer(w.mem, byteCount(w.rows))
		fillBits(w.valid.Bytes(), w.rows, true)
	}
	w.valid.Bytes()[i>>3] &^= 1 << (uint(i) & 7)
	switch {
	case w.text != nil:
		w.text.put(w.text.buf)
	case w.floats != nil:
		w.floats[i] = 0
	case w.ints != nil:
		w.ints[i] = 0
	}
}

func (w *resultWriter) float(i int, v float64) { w.floats[i] = v }
func (w *resultWriter) int(i int, v int64)     { w.ints[i] = v }
func (w *resultWriter) string(_ int, v string) { w.text.put(append(w.text.buf, v...)) }

func (w *resultWriter) bool(i int, v bool) {
	if v {
		w.bits[i>>3] |= 1 << (uint(i) & 7)
	}
}

// vector takes rows of a program's result. live, where it is not nil, says which count; the others are null.
func (w *resultWriter) vector(from, rows int, v *program.Vector, null, live []uint8) {
	isNull := func(k int) bool { return live != nil && live[k] == 0 || null != nil && null[k] != 0 }
	switch {
	case w.floats != nil:
		copy(w.floats[from:from+rows], v.Floats)
	case w.ints != nil:
		copy(w.ints[from:from+rows], v.Ints)
	case w.text != nil:
		for k := range rows {
			if !isNull(k) {
				w.string(from+k, v.Texts[k])
				continue
			}
			w.null(from + k)
		}
		return
	case rows > 0:
		for k := range rows {
			w.bits[(from+k)>>3] |= v.Bools[k] << (uint(from+k) & 7)
		}
	}
	if live == nil && null == nil {
		return
	}
	for k := range rows {
		if isNull(k) {
			w.null(from + k)
		}
	}
}

// finish gives the column. The writer is empty then.
func (w *resultWriter) finish(e Expr) (arrow.Array, error) {
	valid, buf, text := w.valid, w.buf, w.text
	w.valid, w.buf, w.text = nil, nil, nil
	if text != nil {
		return text.finish(w.dt, valid, e)
	}
	return makeArray(w.dt, w.rows, valid, buf), nil
}

// release frees what finish did not take.
func (w *resultWriter) release() {
	if w.valid != nil {
		w.valid.Release()
	}
	if w.buf != nil {
		w.buf.Release()
	}
	if w.text != nil {
		w.text.release()
	}
	w.valid, w.buf, w.text = nil, nil, nil
}

// timeResult is a time in the unit of a column, cut to the tick before it; false where it does not fit.
func timeResult(seconds int64, nanoseconds int, unit arrow.TimeUnit) (int64, bool) {
	per := ticksPerSecond(unit)
	if seconds > math.MaxInt64/per-1 || seconds < math.MinInt64/per+1 {
		return 0, false
	}
	return seconds*per + int64(nanoseconds)/(1e9/per), true
}
