package exec

import (
	"fmt"
	"math"
	"math/bits"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// endKind says how an end of a frame is found.
type endKind uint8

const (
	endOpen  endKind = iota // the partition's
	endRows                 // so many rows from the current one
	endPeers                // the first or last of the current row's peers
	endRange                // by distance in the order key
)

// windowFrame is a frame with its distances in the units of the order key. It is comparable.
type windowFrame struct {
	from, to             endKind
	fromRows, toRows     int64 // endRows; or endRange of a key of integers
	fromFloat, toFloat   float64
	key                  int // in columns: the order key, for endRange
	descending, floating bool
}

// growing says whether the frame only ever takes in rows, until its partition ends.
func (f windowFrame) growing() bool { return f.from == endOpen }

// ranged says whether the frame looks at the order key.
func (f windowFrame) ranged() bool { return f.from == endRange || f.to == endRange }

func (s *WindowSpec) newFrame(w expr.WindowFrame) (windowFrame, error) {
	f := windowFrame{from: endKindOf(w, w.From), to: endKindOf(w, w.To)}
	if w.Unit == expr.RowsFrame {
		f.fromRows, f.toRows = rowsOffset(w.From), rowsOffset(w.To)
		return f, nil
	}
	if !f.ranged() {
		return f, nil
	}
	if len(s.orderAt) != 1 {
		return f, fmt.Errorf("window: %s along %d order keys", w, len(s.orderAt))
	}
	dt := s.in.Field(s.orderAt[0]).Type
	f.key, f.descending = s.column(s.orderAt[0]), s.order[0].Descending
	if f.floating = dt.ID() == arrow.FLOAT64; f.floating {
		f.fromFloat, f.toFloat = floatOffset(w.From), floatOffset(w.To)
		return f, nil
	}
	unit := unitOf(dt)
	f.fromRows, f.toRows = intOffset(w.From, unit, true), intOffset(w.To, unit, false)
	return f, nil
}

func endKindOf(w expr.WindowFrame, b expr.FrameBound) endKind {
	switch {
	case b.Unbounded:
		return endOpen
	case w.Unit == expr.RowsFrame:
		return endRows
	case b.Peers():
		return endPeers
	}
	return endRange
}

const farRows = 1 << 60

func rowsOffset(b expr.FrameBound) int64 {
	v, _ := b.Offset.Value.(int64)
	return min(max(v, -farRows), farRows)
}

func floatOffset(b expr.FrameBound) float64 {
	switch v := b.Offset.Value.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

// unitOf is the nanoseconds of one step of a temporal type, 0 for others.
func unitOf(dt arrow.DataType) int64 {
	switch t := dt.(type) {
	case *arrow.TimestampType:
		return int64(t.Unit.Multiplier())
	case *arrow.DurationType:
		return int64(t.Unit.Multiplier())
	case *arrow.Date32Type:
		return int64(24 * time.Hour)
	}
	return 0
}

// intOffset is a distance in steps of the key. Keys are whole steps: a beginning is rounded up, an end down.
func intOffset(b expr.FrameBound, unit int64, up bool) int64 {
	switch v := b.Offset.Value.(type) {
	case int64:
		return v
	case time.Duration:
		q, r := int64(v)/unit, int64(v)%unit
		switch {
		case r > 0 && up:
			return q + 1
		case r < 0 && !up:
			return q - 1
		}
		return q
	}
	return 0
}

// bitmap marks rows of a sorted sequence.
type bitmap []uint64

func newBitmap(rows int) bitmap { return make(bitmap, (rows+63)/64) }

func (b bitmap) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitmap) has(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }

// next is the first marked row from i on, limit where there is none before it.
func (b bitmap) next(i, limit int) int {
	if i >= limit {
		return limit
	}
	w := i >> 6
	word := b[w] >> (i & 63) << (i & 63)
	for word == 0 {
		w++
		if w<<6 >= limit {
			return limit
		}
		word = b[w]
	}
	return min(limit, w<<6+bits.TrailingZeros64(word))
}

// windowSegment is the part of a partition [start, end) that lies in a block: rows [from, to).
type windowSegment struct{ start, end, from, to int }

// windowBlock is a stretch of sorted rows whose values are computed at once, with the frames of its rows: row from+i
// sees the rows [lo[f][i], hi[f][i]) in frame f. From row to row neither end goes back.
type windowBlock struct {
	from, to int
	segments []windowSegment
	lo, hi   [][]int
}

func (b *windowBlock) rows() int { return b.to - b.from }

// frameBounds computes one frame, block after block.
type frameBounds struct {
	frame               windowFrame
	rows                *sortedRows
	peerStart, peerEnd  int // of the last row
	lo, hi              int // endRange: how far they came
	self, atLow, atHigh *rangeKeys
}

func newFrameBounds(f windowFrame, rows *sortedRows) *frameBounds {
	b := &frameBounds{frame: f, rows: rows}
	if f.ranged() {
		b.self, b.atLow, b.atHigh = newRangeKeys(f, rows), newRangeKeys(f, rows), newRangeKeys(f, rows)
	}
	return b
}

func (b *frameBounds) close() {
	for _, k := range []*rangeKeys{b.self, b.atLow, b.atHigh} {
		if k != nil {
			k.close()
		}
	}
}

// block puts the frames of the block's rows into lo and hi.
func (b *frameBounds) block(segments []windowSegment, first int, lo, hi []int) {
	for _, s := range segments {
		n := s.to - s.from
		low, high := lo[s.from-first:][:n], hi[s.from-first:][:n]
		switch {
		case b.frame.from == endRange || b.frame.to == endRange || b.frame.from == endPeers || b.frame.to == endPeers:
			b.walk(s, low, high)
		default:
			fromRows(s, low, b.frame.from, b.frame.fromRows)
			toRows(s, high, b.frame.to, b.frame.toRows)
			for i, l := range low {
				high[i] = max(high[i], l)
			}
		}
	}
}

func fromRows(s windowSegment, low []int, kind endKind, offset int64) {
	for i := range low {
		low[i] = s.start
		if kind == endRows {
			low[i] = min(max(s.from+i+int(offset), s.start), s.end)
		}
	}
}

func toRows(s windowSegment, high []int, kind endKind, offset int64) {
	for i := range high {
		high[i] = s.end
		if kind == endRows {
			high[i] = min(max(s.from+i+int(offset)+1, s.start), s.end)
		}
	}
}

// walk finds frames that end at peers or by distance.
func (b *frameBounds) walk(s windowSegment, low, high []int) {
	for i := range low {
		row := s.from + i
		if row >= b.peerEnd || row == s.start {
			b.peerStart, b.peerEnd = row, b.rows.peer.next(row+1, s.end)
		}
		low[i], high[i] = b.low(s, row), b.high(s, row)
		high[i] = max(high[i], low[i])
	}
}

func (b *frameBounds) low(s windowSegment, row int) int {
	switch b.frame.from {
	case endOpen:
		return s.start
	case endPeers:
		return b.peerStart
	}
	if b.self.class(row) != keyNumber {
		return b.peerStart
	}
	b.lo = max(b.lo, s.start)
	for b.lo < s.end && b.atLow.class(b.lo) == keyNumber && b.atLow.before(b.lo, b.self, row, b.frame.fromRows, b.frame.fromFloat) {
		b.lo++
	}
	return b.lo
}

func (b *frameBounds) high(s windowSegment, row int) int {
	switch b.frame.to {
	case endOpen:
		return s.end
	case endPeers:
		return b.peerEnd
	}
	if b.self.class(row) != keyNumber {
		return b.peerEnd
	}
	b.hi = max(b.hi, s.start)
	for b.hi < s.end && b.atHigh.class(b.hi) == keyNumber && !b.atHigh.after(b.hi, b.self, row, b.frame.toRows, b.frame.toFloat) {
		b.hi++
	}
	return b.hi
}

// keyClass parts order keys by how distances work: among nulls and among NaNs there is none.
type keyClass uint8

const (
	keyNumber keyClass = iota
	keyOther
)

// rangeKeys reads the order key as numbers that grow along the order.
type rangeKeys struct {
	windowCursor
	frame  windowFrame
	kinds  []keyClass
	ints   []int64
	floats []float64
}

func newRangeKeys(f windowFrame, rows *sortedRows) *rangeKeys {
	return &rangeKeys{frame: f, windowCursor: newWindowCursor(rows)}
}

func (k *rangeKeys) class(row int) keyClass {
	if row >= k.end {
		k.load(row)
	}
	return k.kinds[row-k.base]
}

func (k *rangeKeys) load(row int) {
	arr := k.seek(row).Column(k.frame.key)
	n := arr.Len()
	k.kinds = sized(k.kinds, n)
	valid := validityOf(arr)
	words := make([]uint64, n)
	flip := k.frame.descending
	if k.frame.floating {
		k.floats = sized(k.floats, n)
		for i, w := range rawWords(arr) {
			k.floats[i] = wordFloat(w)
			if flip {
				k.floats[i] = -k.floats[i]
			}
		}
	} else {
		orderWords(arr, flip, words)
		k.ints = sized(k.ints, n)
		for i, w := range words {
			k.ints[i] = int64(w ^ signBit)
		}
	}
	for i := range n {
		k.kinds[i] = keyNumber
		if valid.null(i) || k.frame.floating && math.IsNaN(k.floats[i]) {
			k.kinds[i] = keyOther
		}
	}
}

// before says whether the key of row comes before that of o's row moved by an offset.
func (k *rangeKeys) before(row int, o *rangeKeys, other int, offset int64, distance float64) bool {
	if k.frame.floating {
		return k.floats[row-k.base] < o.floats[other-o.base]+distance
	}
	return k.ints[row-k.base] < addSaturated(o.ints[other-o.base], offset)
}

func (k *rangeKeys) after(row int, o *rangeKeys, other int, offset int64, distance float64) bool {
	if k.frame.floating {
		return k.floats[row-k.base] > o.floats[other-o.base]+distance
	}
	return k.ints[row-k.base] > addSaturated(o.ints[other-o.base], offset)
}

func addSaturated(a, b int64) int64 {
	sum := a + b
	switch {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	}
	return sum
}
