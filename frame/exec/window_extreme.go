package exec

import (
	"context"
	"math"
	"strings"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// extremeEval is min and max: it picks the row whose value is the frame's smallest or largest, the first of equal ones.
// Of a frame that moves it holds the rows that can still become the smallest: each is smaller than those after it.
type extremeEval struct {
	picker
	f       *windowFunc
	growing bool
	keys    extremeKeys
	span    span
	queue   []extremeEntry // from first on
	first   int
	reserve reserveFunc
	held    int64
	texts   int64 // bytes of the texts in queue
}

type extremeEntry struct {
	row  int
	word uint64
	text string
}

func newExtremeEval(env *Env, spec *WindowSpec, f *windowFunc, rows *sortedRows, reserve reserveFunc) (windowEval, error) {
	kind, err := keyKindOf(f.dt)
	if err != nil {
		return nil, err
	}
	e := &extremeEval{
		picker: newPicker(env, f, rows), f: f, growing: spec.frames[f.frame].growing(), reserve: reserve,
		keys: extremeKeys{windowCursor: newWindowCursor(rows), column: f.operand, kind: kind, largest: f.Func == expr.WindowFunc(expr.Max)},
	}
	return e, nil
}

func (e *extremeEval) close() {
	e.picker.close()
	e.keys.close()
}

func (e *extremeEval) eval(_ context.Context, b *windowBlock) (arrow.Array, error) {
	e.places = sized(e.places, b.rows())
	lo, hi := b.lo[e.f.frame], b.hi[e.f.frame]
	for i := range e.places {
		if e.span.jump(lo[i]) {
			e.queue, e.first, e.texts = e.queue[:0], 0, 0
		}
		for ; e.span.hi < hi[i]; e.span.hi++ {
			if err := e.push(e.span.hi); err != nil {
				return nil, err
			}
		}
		for e.first < len(e.queue) && e.queue[e.first].row < lo[i] {
			e.texts -= int64(len(e.queue[e.first].text))
			e.queue[e.first].text = ""
			e.first++
		}
		e.places[i] = noPlace
		if e.first < len(e.queue) {
			e.places[i] = e.queue[e.first].row
		}
	}
	return e.take()
}

func (e *extremeEval) push(row int) error {
	entry, ok := e.keys.at(row)
	if !ok {
		return nil
	}
	if e.growing && len(e.queue) > 0 {
		if less(entry, e.queue[0]) {
			e.queue[0] = entry.owned()
		}
		return nil
	}
	for len(e.queue) > e.first && less(entry, e.queue[len(e.queue)-1]) {
		e.texts -= int64(len(e.queue[len(e.queue)-1].text))
		e.queue = e.queue[:len(e.queue)-1]
	}
	if len(e.queue) == cap(e.queue) {
		if e.first > len(e.queue)/2 {
			e.queue = e.queue[:copy(e.queue, e.queue[e.first:])]
			e.first = 0
		} else if err := e.ask(2 * max(64, cap(e.queue))); err != nil {
			return err
		}
	}
	entry = entry.owned()
	e.texts += int64(len(entry.text))
	e.queue = append(e.queue, entry)
	if e.texts > 1<<16 {
		return e.ask(cap(e.queue))
	}
	return nil
}

func (e *extremeEval) ask(entries int) error {
	return askMore(e.reserve, &e.held, int64(entries)*int64(unsafe.Sizeof(extremeEntry{}))+e.texts, e.f)
}

// owned is the entry with a text that outlives its page.
func (e extremeEntry) owned() extremeEntry {
	e.text = strings.Clone(e.text)
	return e
}

func less(a, b extremeEntry) bool {
	if a.word != b.word {
		return a.word < b.word
	}
	return a.text < b.text
}

// extremeKeys reads values as numbers and texts that order as they do, or the other way round where the largest is wanted.
type extremeKeys struct {
	windowCursor
	column  int
	kind    keyKind
	largest bool
	arr     arrow.Array
	valid   validity
	words   []uint64
	data    []byte
	offsets []int32
	scratch []byte
}

func (k *extremeKeys) at(row int) (extremeEntry, bool) {
	if row >= k.end {
		k.load(row)
	}
	i := row - k.base
	e := extremeEntry{row: row}
	if k.valid.null(i) {
		return e, false
	}
	switch k.kind {
	case keyWord:
		e.word = k.words[i]
	case keyString:
		v := k.data[k.offsets[i]:k.offsets[i+1]]
		if k.largest {
			k.scratch = invertText(k.scratch[:0], v)
			v = k.scratch
		}
		e.word, e.text = bytesPrefix(v), unsafe.String(unsafe.SliceData(v), len(v))
	default:
		k.scratch = appendOrdered(k.scratch[:0], k.arr, i, k.largest)
		e.text = unsafe.String(unsafe.SliceData(k.scratch), len(k.scratch))
	}
	return e, true
}

func (k *extremeKeys) load(row int) {
	k.arr = k.seek(row).Column(k.column)
	k.valid = validityOf(k.arr)
	switch k.kind {
	case keyWord:
		k.words = sized(k.words, k.arr.Len())
		orderWords(k.arr, false, k.words)
		if k.largest { // not by orderWords, which puts NaN last in either direction
			for i, w := range k.words {
				k.words[i] = w ^ math.MaxUint64
			}
		}
	case keyString:
		k.data, k.offsets = bytesOf(k.arr)
	}
}

// invertText appends bytes that order the other way round: a text that ends where another goes on comes after it.
func invertText(dst, text []byte) []byte {
	for _, c := range text {
		if c == 0 {
			dst = append(dst, 0xFF, 0)
			continue
		}
		dst = append(dst, ^c)
	}
	return append(dst, 0xFF, 0xFF)
}
