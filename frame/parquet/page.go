package parquet

import (
	"errors"
	"fmt"
)

// Kinds of pages, and encodings, as the format numbers them.
const (
	pageData       = 0
	pageDictionary = 2
	pageDataV2     = 3

	encodingPlain             = 0
	encodingPlainDictionary   = 2
	encodingRLE               = 3
	encodingBitPacked         = 4
	encodingDeltaBinaryPacked = 5
	encodingDeltaLength       = 6
	encodingDeltaByteArray    = 7
	encodingRLEDictionary     = 8
	encodingByteStreamSplit   = 9
)

// header is the header of a page.
type header struct {
	kind          int
	size          int // of the body, in bytes, when decompressed
	stored        int // of the body, in bytes, as stored
	values        int // nulls included
	encoding      int
	levelEncoding int // of definition levels
	listEncoding  int // of repetition levels
	nulls         int // of version 2
	definition    int // bytes of definition levels, of version 2
	repetition    int // bytes of repetition levels, of version 2
	plain         bool
}

// coded says whether a data page refers to the dictionary.
func (h header) coded() bool {
	return h.encoding == encodingPlainDictionary || h.encoding == encodingRLEDictionary
}

// parseHeader reads a header and says how many bytes it takes. It wraps errShort where data ends within it.
func parseHeader(data []byte) (h header, taken int, err error) {
	t := thrift{data: data}
	h = header{kind: -1, size: -1, stored: -1, values: -1, levelEncoding: encodingRLE, listEncoding: encodingRLE}
	for id := 0; ; {
		var kind byte
		if id, kind = t.field(id); kind == 0 {
			break
		}
		switch {
		case id == 1 && kind == thriftI32:
			h.kind = t.int32()
		case id == 2 && kind == thriftI32:
			h.size = t.int32()
		case id == 3 && kind == thriftI32:
			h.stored = t.int32()
		case (id == 5 || id == 7 || id == 8) && kind == thriftStruct:
			h.parseDetails(&t, id)
		default:
			t.skip(kind)
		}
	}
	switch {
	case t.err != nil:
		return h, 0, fmt.Errorf("its header: %w", t.err)
	case h.size < 0 || h.stored < 0:
		return h, 0, errors.New("its header has no size")
	case (h.kind == pageData || h.kind == pageDictionary || h.kind == pageDataV2) && h.values < 0:
		return h, 0, errors.New("its header has no number of values")
	}
	return h, t.at, nil
}

// parseDetails reads what the header says of its kind: field 5 of data pages, 7 of dictionaries, 8 of data pages of version 2.
func (h *header) parseDetails(t *thrift, of int) {
	for id := 0; ; {
		var kind byte
		if id, kind = t.field(id); kind == 0 {
			return
		}
		switch {
		case id == 1 && kind == thriftI32:
			h.values = t.int32()
		case id == 2 && of != 8 && kind == thriftI32, id == 4 && of == 8 && kind == thriftI32:
			h.encoding = t.int32()
		case id == 3 && of == 5 && kind == thriftI32:
			h.levelEncoding = t.int32()
		case id == 4 && of == 5 && kind == thriftI32:
			h.listEncoding = t.int32()
		case id == 2 && of == 8 && kind == thriftI32:
			h.nulls = t.int32()
		case id == 5 && of == 8 && kind == thriftI32:
			h.definition = t.int32()
		case id == 6 && of == 8 && kind == thriftI32:
			h.repetition = t.int32()
		case id == 7 && of == 8:
			h.plain = kind == thriftFalse
			if kind != thriftTrue && kind != thriftFalse {
				t.skip(kind)
			}
		default:
			t.skip(kind)
		}
	}
}
