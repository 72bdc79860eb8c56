package parquet

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// nested gives the levels of a data page of a column whose greatest are most, and its values. All are valid until the next page.
func (p *pages) nested(h header, body []byte, most level) (reps, defs hybrid, values []byte, err error) {
	if h.kind == pageDataV2 {
		return p.nestedV2(h, body, most)
	}
	if values, err = p.plain(p.codec, body, h.size); err == nil {
		reps, values, err = levelsOf(h.listEncoding, values, h.values, most.rep)
	}
	if err == nil {
		defs, values, err = levelsOf(h.levelEncoding, values, h.values, most.def)
	}
	return reps, defs, values, err
}

func (p *pages) nestedV2(h header, body []byte, most level) (reps, defs hybrid, values []byte, err error) {
	length := int64(h.repetition) + int64(h.definition)
	if h.repetition < 0 || h.definition < 0 || length > int64(min(len(body), h.size)) {
		return reps, defs, nil, fmt.Errorf("its levels take %d and %d of %d bytes", h.repetition, h.definition, len(body))
	}
	codec := p.codec
	if h.plain {
		codec = codecNone
	}
	both := int(length)
	if values, err = p.plain(codec, body[both:], h.size-both); err != nil {
		return reps, defs, nil, err
	}
	reps = hybrid{data: body[:h.repetition], width: bits.Len8(most.rep)}
	defs = hybrid{data: body[h.repetition:both], width: bits.Len8(most.def)}
	return reps, defs, values, nil
}

// levelsOf reads n levels, of which none is greater than most, from the front of data, and gives what is behind them.
func levelsOf(encoding int, data []byte, n int, most uint8) (l hybrid, rest []byte, err error) {
	width := bits.Len8(most)
	switch {
	case width == 0:
		return hybrid{}, data, nil
	case encoding == encodingRLE:
		if len(data) < 4 || int64(binary.LittleEndian.Uint32(data)) > int64(len(data)-4) {
			return l, nil, fmt.Errorf("its levels: %w", errShort)
		}
		end := 4 + binary.LittleEndian.Uint32(data)
		return hybrid{data: data[4:end], width: width}, data[end:], nil
	case encoding == encodingBitPacked:
		bytes := (n*width + 7) / 8
		if bytes > len(data) {
			return l, nil, fmt.Errorf("its levels: %w", errShort)
		}
		return hybrid{data: lowestFirst(data[:bytes], n, width), width: width, packed: true, left: n}, data[bytes:], nil
	}
	return l, nil, fmt.Errorf("its levels have the unknown encoding %d", encoding)
}

// lowestFirst packs numbers of width bits that begin with their highest bit as hybrid has them, which begin with the lowest.
func lowestFirst(packed []byte, n, width int) []byte {
	out := make([]byte, len(packed)+slack)
	for i := range n * width {
		if packed[i/8]>>(7-i%8)&1 != 0 {
			at := i/width*width + width - 1 - i%width
			out[at/8] |= 1 << (at % 8)
		}
	}
	return out[:len(packed)]
}
