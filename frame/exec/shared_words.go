package exec

import (
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"

	"github.com/rivulet-go/rivulet/frame/batch"
)

const (
	// sharedText is the most bytes of the words of a column that lanes code together.
	sharedText = 4 << 20

	// sharedWordsBytes is what a sharedWords takes at most, with the slots that it has outgrown.
	sharedWordsBytes = sharedText + (4+8)*codeWords + 2*24*2*codeWords
)

// sharedWords gives texts numbers from 1 on, as wordTable does, to several goroutines at once. Whoever meets a new text takes the lock; others
// only read: a slot is there when its code is, and what belongs to a code never moves. Growing leaves the old slots in place for their readers.
type sharedWords struct {
	mem   allocator
	most  int         // words: codeWords; tests shrink it
	given atomic.Bool // up
	count atomic.Int64

	ready  atomic.Bool // there is all that follows
	mu     sync.Mutex  // of who adds a word
	live   arrow.Array // the words, those to come among them; their texts mean something up to count
	text   []byte
	ends   []int32 // of word 0, which is empty, and of those after it
	hashes slab[uint64]
	slots  atomic.Pointer[[]sharedSlot]
	tables []slab[sharedSlot]
}

type sharedSlot struct {
	text [2]uint64
	code atomic.Uint32 // 0 is empty
	_    uint32
}

// open makes the table.
func (w *sharedWords) open() {
	words := w.most + 1 // and word 0
	// One offset more than there are words is never written, so that whoever looks at the last one reads zero.
	offsets, text := newBuffer(w.mem, 4*(words+2)), unfilled(w.mem, sharedText)
	defer offsets.Release()
	defer text.Release()
	w.ends, w.text = arrow.Int32Traits.CastFromBytes(offsets.Bytes()), text.Bytes()
	clear(w.ends)
	w.live = makeArray(arrow.BinaryTypes.String, words+1, 0, nil, offsets, text)
	w.hashes = newSlab[uint64](w.mem)
	w.hashes.resize(words)
	w.hashes.vals[0] = hashBytes(nil)
	w.place(1 << 12)
	w.ready.Store(true)
}

// place moves the words to so many slots.
func (w *sharedWords) place(size int) {
	next := newSlab[sharedSlot](w.mem)
	next.resize(size)
	clear(next.vals)
	if old := w.slots.Load(); old != nil {
		mask := uint64(size - 1)
		for i := range *old {
			s := &(*old)[i]
			code := s.code.Load()
			if code == 0 {
				continue
			}
			at := hashWords(s.text[0], s.text[1]) & mask
			for next.vals[at].code.Load() != 0 {
				at = (at + 1) & mask
			}
			next.vals[at].text = s.text
			next.vals[at].code.Store(code)
		}
	}
	w.tables = append(w.tables, next)
	w.slots.Store(&next.vals)
}

// own says whether a column is coded by these words.
func (w *sharedWords) own(arr arrow.Array) bool {
	return batch.IsCoded(arr) && w.ready.Load() && batch.Words(arr) == w.live.Data()
}

// code puts the number of each text into out; false where there are too many words.
func (w *sharedWords) code(arr arrow.Array, out []uint32) bool {
	data, offsets := bytesOf(arr)
	valid := validityOf(arr)
	var b textBlock
	for from := 0; from < len(out); from += probeBlock {
		to := min(from+probeBlock, len(out))
		ends := offsets[from : to+1]
		slots := *w.slots.Load()
		mask := uint64(len(slots) - 1)
		b.prepare(data, ends, mask)
		if len(slots) > touchSlots {
			b.touch(slots, to-from)
		}
		codes := out[from:to]
		for i := range codes {
			key := b.keys[i]
			s := &slots[b.at[i]]
			if code := s.code.Load(); code != 0 && s.text == key && key[1]&longText != longText {
				codes[i] = code
				continue
			}
			codes[i] = 0
			if valid.null(from + i) {
				continue
			}
			if codes[i] = w.find(slots, key, data[ends[i]:ends[i+1]]); codes[i] == 0 {
				return false
			}
		}
		if !valid.all() {
			for i := range codes {
				if valid.null(from + i) {
					codes[i] = 0
				}
			}
		}
	}
	return true
}

// touch reads the slots of a block: see touchWords.
//
//go:noinline
func (b *textBlock) touch(slots []sharedSlot, n int) (sum uint32) {
	for _, at := range b.at[:n] {
		sum += slots[at].code.Load()
	}
	return sum
}

// find gives the number of a text, a new one where there is none, 0 where there is no room for it.
func (w *sharedWords) find(slots []sharedSlot, key [2]uint64, text []byte) uint32 {
	if code, _ := w.search(slots, key, text); code != 0 {
		return code
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	slots = *w.slots.Load()
	code, s := w.search(slots, key, text)
	if code != 0 {
		return code
	}
	n := int(w.count.Load()) + 1
	from := int(w.ends[n])
	if n > w.most || from+len(text) > len(w.text) {
		return 0
	}
	copy(w.text[from:], text)
	w.ends[n+1] = int32(from + len(text))
	w.hashes.vals[n] = hashBytes(text)
	s.text = key
	s.code.Store(uint32(n))
	w.count.Store(int64(n))
	if 2*n >= len(slots) && n < w.most {
		w.place(2 * len(slots))
	}
	return uint32(n)
}

// search gives the number of a text, 0 and its place where it has none.
func (w *sharedWords) search(slots []sharedSlot, key [2]uint64, text []byte) (uint32, *sharedSlot) {
	mask := uint64(len(slots) - 1)
	for at := hashWords(key[0], key[1]) & mask; ; at = (at + 1) & mask {
		s := &slots[at]
		code := s.code.Load()
		if code == 0 {
			return 0, s
		}
		if s.text == key && (key[1]&longText != longText || string(w.text[w.ends[code]:w.ends[code+1]]) == string(text)) {
			return code, nil
		}
	}
}

// words are the texts there are, in the order of their numbers, word 0 first.
func (w *sharedWords) words() arrow.Array {
	n := int(w.count.Load()) + 1
	offsets := unfilled(w.mem, 4*(n+1))
	defer offsets.Release()
	copy(arrow.Int32Traits.CastFromBytes(offsets.Bytes()), w.ends[:n+1])
	text := unfilled(w.mem, int(w.ends[n]))
	defer text.Release()
	copy(text.Bytes(), w.text)
	return makeArray(arrow.BinaryTypes.String, n, 0, nil, offsets, text)
}

func (w *sharedWords) free() {
	if w.live != nil {
		w.live.Release()
		w.live = nil
	}
	w.hashes.free()
	for i := range w.tables {
		w.tables[i].free()
	}
	w.tables = nil
	w.ready.Store(false)
	w.given.Store(true)
}

// codedBy is a column coded by words with the nulls of arr; the caller keeps its own reference to codes.
func codedBy(mem allocator, arr arrow.Array, codes *buffer, words arrow.ArrayData) arrow.Array {
	if arr.NullN() == 0 {
		return batch.NewCoded(arr.Len(), 0, nil, codes, words)
	}
	validity := newBuffer(mem, (arr.Len()+7)/8)
	defer validity.Release()
	bitutil.CopyBitmap(arr.NullBitmapBytes(), arr.Data().Offset(), arr.Len(), validity.Bytes(), 0)
	return batch.NewCoded(arr.Len(), arr.NullN(), validity, codes, words)
}
