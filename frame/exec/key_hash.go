package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// hashKeys puts a hash of each row's keys into dst, for who parts rows of one stream: several columns of words are hashed column by column,
// and of coded texts the codes. A row that lacks some text has a hash that does not depend on what is coded, since a batch without any is not.
func (e *keyEncoder) hashKeys(keys []arrow.Array, dst []uint64) error {
	if e.byWords(keys) {
		e.hashWords(keys, dst)
	} else {
		b, err := e.encode(keys, len(dst))
		if err != nil {
			return err
		}
		b.hashes(dst)
	}
	if len(keys) == 1 && !batch.IsCoded(keys[0]) {
		return nil
	}
	for c, arr := range keys {
		if e.kinds[c] != keyString || arr.NullN() == 0 {
			continue
		}
		valid := validityOf(arr)
		for row := range dst {
			if valid.null(row) {
				dst[row] = e.hashRow(keys, row)
			}
		}
	}
	return nil
}

// hashRow hashes a row by its values.
func (e *keyEncoder) hashRow(keys []arrow.Array, row int) uint64 {
	if len(keys) == 1 {
		return nullHash
	}
	e.row = e.row[:0]
	for c, arr := range keys {
		e.row = appendKey(e.row, e.kinds[c], arr, row)
	}
	return hashBytes(e.row)
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
