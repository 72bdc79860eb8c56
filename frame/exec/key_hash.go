package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// hashKeys puts a hash of each row's keys into dst, for who parts rows of one stream: several columns of words are hashed column by column,
// and of coded texts the codes. A row without some text is hashed as if none were coded, since a batch without any is not.
func (e *keyEncoder) hashKeys(keys []arrow.Array, dst []uint64) error {
	nulls := false
	for i, arr := range keys {
		if e.kinds[i] == keyString {
			nulls = nulls || arr.NullN() > 0
		}
	}
	words := e.byWords(keys)
	if nulls || !words {
		b, err := e.encode(keys, len(dst))
		if err != nil {
			return err
		}
		b.hashes(dst)
	}
	if !words {
		return nil
	}
	if !nulls {
		e.hashWords(keys, dst)
		return nil
	}
	e.hashed = sized(e.hashed, len(dst))
	e.hashWords(keys, e.hashed)
	for row, h := range e.hashed {
		if !e.nullText(keys, row) {
			dst[row] = h
		}
	}
	return nil
}

// byWords says whether rows whose texts are there are hashed column by column.
func (e *keyEncoder) byWords(keys []arrow.Array) bool {
	if len(keys) == 1 && e.kinds[0] == keyWord {
		return false // one word has a hash of its own
	}
	for i, arr := range keys {
		if e.kinds[i] != keyWord && (e.kinds[i] != keyString || !batch.IsCoded(arr)) {
			return false
		}
	}
	return len(keys) > 0
}

func (e *keyEncoder) nullText(keys []arrow.Array, row int) bool {
	for i, arr := range keys {
		if e.kinds[i] == keyString && arr.IsNull(row) {
			return true
		}
	}
	return false
}

// hashWords hashes rows column by column.
func (e *keyEncoder) hashWords(keys []arrow.Array, dst []uint64) {
	fill(dst, hashSeed3)
	for i, arr := range keys {
		if e.kinds[i] == keyString {
			for row, code := range batch.Codes(arr)[:len(dst)] {
				dst[row] = fold(dst[row]^hashSeed1, uint64(code)^hashSeed2)
			}
			continue
		}
		var words []uint64
		words, e.words = keyWords(arr, e.words)
		if valid := validityOf(arr); !valid.all() {
			for row := range dst {
				w := uint64(nullHash)
				if !valid.null(row) {
					w = words[row]
				}
				dst[row] = fold(dst[row]^hashSeed1, w^hashSeed2)
			}
			continue
		}
		for row, w := range words[:len(dst)] {
			dst[row] = fold(dst[row]^hashSeed1, w^hashSeed2)
		}
	}
}
