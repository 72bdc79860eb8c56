package exec

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

const (
	// keyCodesProbe is how many rows of states are coded before it shows whether the texts of a column repeat, and keyCodesNew the
	// most of a hundred that may have been new: of 100,000 texts, 74 in a hundred are, of 150,000, 81.
	keyCodesProbe = 1 << 16
	keyCodesNew   = 80
)

// KeyCodes codes the text keys of the states that lanes give away, for all lanes of an aggregation with one table for each
// column, so that who merges them hashes, compares and moves codes. The words grow while lanes run: only tables of groups and
// gatherers, which look at no word but those of their rows, may see such columns; Plain or finish make others of them. Which code a
// text has depends on which lane met it first, so nothing that shows may depend on codes: groups are parted by the hash of the texts.
//
//	lane: state, plain ─► code ─► blocks ─► FinalAggregate ─► finish ─► columns coded by words that are complete
//
// A column whose texts hardly repeat, or are too many, or for which there is no memory, comes plain from then on. It is safe for concurrent use.
type KeyCodes struct {
	env     *Env
	mu      sync.Mutex // of the grant
	grant   *grant
	columns []*sharedWords // nil where a key is no text
	rows    atomic.Int64   // coded so far
	probe   int64          // keyCodesProbe; tests shrink it
	final   []arrow.Array  // the words in the end
}

// NewKeyCodes is for the keys of an aggregation; nil where coding them is of no use. Close it when all that was coded is released or finished.
func NewKeyCodes(env *Env, spec *AggSpec) *KeyCodes {
	types := spec.keyTypes()
	if !codable(types) {
		return nil
	}
	c := &KeyCodes{env: env, grant: env.newGrant("codes of keys"), columns: make([]*sharedWords, len(types)), probe: keyCodesProbe}
	for i, dt := range types {
		if isText(dt) {
			c.columns[i] = &sharedWords{mem: env.Mem, most: codeWords}
		}
	}
	return c
}

func isText(dt arrow.DataType) bool { return dt.ID() == arrow.STRING }

// codable says whether keys of such types are worth coding. Each text of a single key is in the state of a split once.
func codable(types []arrow.DataType) bool {
	return len(types) > 1 && slices.ContainsFunc(types, isText) && newTextHasher(nil, types).able()
}

// keyHasher hashes the keys of an aggregation, for who parts its groups.
type keyHasher interface {
	hashKeys(keys []arrow.Array, dst []uint64) error
}

// newKeyHasher goes by the types of the keys alone, so that groups are parted alike where they are coded and where they are not.
func newKeyHasher(codes *KeyCodes, types []arrow.DataType) (keyHasher, error) {
	if codable(types) {
		return newTextHasher(codes, types), nil
	}
	return newKeyEncoder(types)
}

// WithCodes is the spec of an aggregation whose lanes code their keys; nil codes nothing.
func (s *AggSpec) WithCodes(codes *KeyCodes) *AggSpec {
	own := *s
	own.codes = codes
	return &own
}

// open makes the words of a column where there are none, and says whether there are some.
func (c *KeyCodes) open(w *sharedWords) bool {
	if w.ready.Load() {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if w.ready.Load() || w.given.Load() {
		return w.ready.Load()
	}
	if granted, err := c.grant.resize(c.grant.holds + sharedWordsBytes); err != nil || !granted {
		w.given.Store(true)
		return false
	}
	w.open()
	return true
}

// code takes a state over and gives it with coded keys.
func (c *KeyCodes) code(rec arrow.Record) (arrow.Record, error) {
	if c == nil {
		return rec, nil
	}
	defer rec.Release()
	rows := c.rows.Add(rec.NumRows())
	return batch.MapColumns(rec, rec.Schema(), rec.NumRows(), func(i int, arr arrow.Array) (arrow.Array, error) {
		if i < len(c.columns) && c.columns[i] != nil {
			return c.column(c.columns[i], arr, rows), nil
		}
		arr.Retain()
		return arr, nil
	})
}

// match takes a state over that may come from elsewhere: where a column is coded, so it is then.
func (c *KeyCodes) match(rec arrow.Record) (arrow.Record, error) {
	if c == nil || !slices.ContainsFunc(c.columns, func(w *sharedWords) bool { return w != nil && w.ready.Load() && !w.given.Load() }) {
		return rec, nil
	}
	defer rec.Release()
	return batch.MapColumns(rec, rec.Schema(), rec.NumRows(), func(i int, arr arrow.Array) (arrow.Array, error) {
		if i < len(c.columns) && c.columns[i] != nil && c.columns[i].ready.Load() {
			return c.column(c.columns[i], arr, 0), nil
		}
		arr.Retain()
		return arr, nil
	})
}

// column codes a column, if that pays; the caller releases it.
func (c *KeyCodes) column(w *sharedWords, arr arrow.Array, rows int64) arrow.Array {
	if batch.IsCoded(arr) || arr.NullN() == arr.Len() || w.given.Load() || !c.open(w) {
		arr.Retain()
		return arr
	}
	codes := unfilled(c.env.Mem, 4*arr.Len())
	defer codes.Release()
	if !w.code(arr, arrow.Uint32Traits.CastFromBytes(codes.Bytes())) ||
		rows >= c.probe && w.count.Load() > max(c.probe/4, rows*keyCodesNew/100) {
		w.given.Store(true)
		arr.Retain()
		return arr
	}
	return codedBy(c.env.Mem, arr, codes, w.live.Data())
}

// through passes on what f makes of a batch.
func through(f func(arrow.Record) (arrow.Record, error), emit emitFunc) emitFunc {
	return func(rec arrow.Record) error {
		rec, err := f(rec)
		if err != nil {
			return err
		}
		return emit(rec)
	}
}

// finish takes a batch of the result over, when all states were merged, and gives it coded by words for good, or plain where coding was
// given up.
func (c *KeyCodes) finish(rec arrow.Record) (arrow.Record, error) {
	if c == nil {
		return rec, nil
	}
	defer rec.Release()
	if c.final == nil {
		c.final = make([]arrow.Array, len(c.columns))
		for i, w := range c.columns {
			if w != nil && w.live != nil && !w.given.Load() {
				c.final[i] = w.words()
			}
		}
	}
	return batch.MapColumns(rec, rec.Schema(), rec.NumRows(), func(i int, arr arrow.Array) (arrow.Array, error) {
		switch {
		case i >= len(c.columns) || c.columns[i] == nil || !c.columns[i].own(arr) && c.final[i] == nil:
			arr.Retain()
			return arr, nil
		case c.final[i] == nil:
			return batch.PlainArray(c.env.Mem, arr)
		case !batch.IsCoded(arr): // it was spilled
			arr = c.column(c.columns[i], arr, 0)
		default:
			arr.Retain()
		}
		defer arr.Release()
		if !batch.IsCoded(arr) { // nothing but nulls
			return batch.CodedBy(c.env.Mem, c.final[i].Data(), arr)
		}
		codes := batch.CodeArray(arr)
		defer codes.Release()
		return batch.CodedWith(codes, c.final[i].Data()), nil
	})
}

// plain takes a record over whose first columns are keys and gives it without codes that are still growing.
func (c *KeyCodes) plain(rec arrow.Record) (arrow.Record, error) {
	if c == nil {
		return rec, nil
	}
	defer rec.Release()
	return batch.MapColumns(rec, rec.Schema(), rec.NumRows(), func(i int, arr arrow.Array) (arrow.Array, error) {
		if i < len(c.columns) && c.columns[i] != nil && c.columns[i].own(arr) {
			return batch.PlainArray(c.env.Mem, arr)
		}
		arr.Retain()
		return arr, nil
	})
}

// Close gives the memory back.
func (c *KeyCodes) Close() {
	if c == nil {
		return
	}
	for _, w := range c.columns {
		if w != nil {
			w.free()
		}
	}
	releaseArrays(c.final)
	c.final = nil
	c.grant.release()
}

// textHasher hashes rows of keys by their values, coded or not: the hash of a word is made once.
type textHasher struct {
	codes *KeyCodes
	kinds []keyKind
	known []wordHashes // of each column, the last words
	words []uint64     // scratch
}

type wordHashes struct {
	words  arrow.ArrayData
	hashes []uint64
}

func newTextHasher(codes *KeyCodes, types []arrow.DataType) *textHasher {
	h := &textHasher{codes: codes, known: make([]wordHashes, len(types))}
	for _, dt := range types {
		kind, _ := keyKindOf(dt)
		h.kinds = append(h.kinds, kind)
	}
	return h
}

// able says whether it can hash such keys.
func (h *textHasher) able() bool {
	return !slices.ContainsFunc(h.kinds, func(k keyKind) bool { return k != keyWord && k != keyString })
}

// hashKeys puts a hash of each row's keys into dst.
func (h *textHasher) hashKeys(keys []arrow.Array, dst []uint64) error {
	fill(dst, hashSeed3)
	for i, arr := range keys {
		valid, words := validityOf(arr), []uint64(nil)
		switch {
		case h.kinds[i] == keyWord:
			words, h.words = keyWords(arr, h.words)
		case batch.IsCoded(arr):
			of := h.hashesOf(i, batch.Words(arr))
			if valid.all() {
				for row, code := range batch.Codes(arr)[:len(dst)] {
					dst[row] = fold(dst[row]^hashSeed1, of[code]^hashSeed2)
				}
				continue
			}
			h.words = sized(h.words, len(dst))
			words = h.words
			for row, code := range batch.Codes(arr)[:len(dst)] {
				words[row] = of[code]
			}
		default:
			data, offsets := bytesOf(arr)
			h.words = sized(h.words, len(dst))
			words = h.words
			for row := range dst {
				words[row] = hashBytes(data[offsets[row]:offsets[row+1]])
			}
		}
		for row := range dst {
			w := uint64(nullHash)
			if !valid.null(row) {
				w = words[row]
			}
			dst[row] = fold(dst[row]^hashSeed1, w^hashSeed2)
		}
	}
	return nil
}

// hashesOf is the hashes of the words of a column.
func (h *textHasher) hashesOf(column int, words arrow.ArrayData) []uint64 {
	if h.codes != nil {
		if w := h.codes.columns[column]; w != nil && w.live != nil && words == w.live.Data() {
			return w.hashes.vals
		}
	}
	k := &h.known[column]
	if k.words == words {
		return k.hashes
	}
	data, offsets := bytesIn(words)
	k.words, k.hashes = words, sized(k.hashes, words.Len())
	for i := range k.hashes {
		k.hashes[i] = hashBytes(data[offsets[i]:offsets[i+1]])
	}
	return k.hashes
}
