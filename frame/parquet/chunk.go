package parquet

// chunk is a column of a row group.
type chunk struct {
	physical   Physical
	codec      int32
	elsewhere  bool // encrypted, or in another file
	values     int64
	stored     int64  // bytes
	data       int64  // where its first data page begins
	dictionary int64  // where its dictionary begins, 0 where it has none
	about      *about // nil where nothing is said
}

// about is what a file may say of a chunk beside what is needed to read it.
type about struct {
	bounds     bounds
	old        bounds // of writers before there were orders: right for signed numbers alone
	coded      bool   // all data pages refer to the dictionary
	told       bool   // which encodings pages have
	plain      int64  // bytes, decompressed
	bloom      span
	index      span // of pages: their bounds
	offsets    span // of pages: where they begin
	bloomKnown bool // its length, which old writers leave out
}

// span is bytes of the file.
type span struct{ at, length int64 }

// bounds are the least and the greatest value, stored plain but without the length of byte arrays; nil where unknown.
type bounds struct {
	least, greatest []byte
	nulls           int64 // -1 where unknown
}

func (c *chunk) know() *about {
	if c.about == nil {
		c.about = &about{bounds: bounds{nulls: -1}, old: bounds{nulls: -1}}
	}
	return c.about
}

func parseChunk(t *thrift) chunk {
	c := chunk{physical: -1}
	t.fields(func(id int, kind byte) {
		switch {
		case id == 3 && kind == thriftStruct:
			parseChunkMeta(t, &c)
		case id == 1 || id == 8 || id == 9: // a path; an encrypted column
			c.elsewhere = true
			t.skip(kind)
		case id == 4 && kind == thriftI64:
			c.know().offsets.at = t.integer()
		case id == 5 && kind == thriftI32:
			c.know().offsets.length = int64(t.int32())
		case id == 6 && kind == thriftI64:
			c.know().index.at = t.integer()
		case id == 7 && kind == thriftI32:
			c.know().index.length = int64(t.int32())
		default:
			t.skip(kind)
		}
	})
	return c
}

func parseChunkMeta(t *thrift, c *chunk) {
	plainPages := false
	t.fields(func(id int, kind byte) {
		switch {
		case id == 1 && kind == thriftI32:
			c.physical = Physical(t.int32())
		case id == 2 && kind == thriftList:
			plainPages = parseEncodings(t)
		case id == 4 && kind == thriftI32:
			c.codec = int32(t.int32())
		case id == 5 && kind == thriftI64:
			c.values = t.integer()
		case id == 6 && kind == thriftI64:
			c.know().plain = t.integer()
		case id == 7 && kind == thriftI64:
			c.stored = t.integer()
		case id == 9 && kind == thriftI64:
			c.data = t.integer()
		case id == 11 && kind == thriftI64:
			c.dictionary = t.integer()
		case id == 12 && kind == thriftStruct:
			parseStatistics(t, c.know())
		case id == 13 && kind == thriftList:
			a := c.know()
			a.told = true
			a.coded = parsePageEncodings(t)
		case id == 14 && kind == thriftI64:
			c.know().bloom.at = t.integer()
		case id == 15 && kind == thriftI32:
			c.know().bloom.length, c.know().bloomKnown = int64(t.int32()), true
		default:
			t.skip(kind)
		}
	})
	if a := c.about; a != nil && !a.told { // version 1 has an encoding for data pages that refer to dictionaries alone
		a.coded = !plainPages
	}
}

// parseEncodings says whether a data page may have another encoding than the first version's of dictionaries.
func parseEncodings(t *thrift) (others bool) {
	n, element := t.list()
	dictionary := false
	for range n {
		if element != thriftI32 {
			t.skipElement(element, 0)
			others = true
			continue
		}
		switch t.int32() {
		case encodingPlainDictionary:
			dictionary = true
		case encodingRLE, encodingBitPacked: // levels
		default:
			others = true
		}
	}
	return others || !dictionary
}

// parsePageEncodings says whether all data pages refer to the dictionary.
func parsePageEncodings(t *thrift) bool {
	coded := true
	t.structures(func(int) {
		page, encoding, count := -1, -1, 0
		t.fields(func(id int, kind byte) {
			if kind != thriftI32 {
				t.skip(kind)
				return
			}
			switch v := t.int32(); id {
			case 1:
				page = v
			case 2:
				encoding = v
			case 3:
				count = v
			}
		})
		if (page == pageData || page == pageDataV2) && count > 0 && encoding != encodingPlainDictionary && encoding != encodingRLEDictionary {
			coded = false
		}
	})
	return coded
}

func parseStatistics(t *thrift, a *about) {
	a.bounds.nulls = -1
	t.fields(func(id int, kind byte) {
		switch {
		case id == 1 && kind == thriftBinary:
			a.old.greatest = t.present()
		case id == 2 && kind == thriftBinary:
			a.old.least = t.present()
		case id == 3 && kind == thriftI64:
			a.bounds.nulls = t.integer()
		case id == 5 && kind == thriftBinary:
			a.bounds.greatest = t.present()
		case id == 6 && kind == thriftBinary:
			a.bounds.least = t.present()
		default:
			t.skip(kind)
		}
	})
	a.old.nulls = a.bounds.nulls
}

// parseOrder says whether bounds have the order of their type.
func parseOrder(t *thrift) (typed bool) {
	t.fields(func(id int, kind byte) {
		typed = typed || id == 1
		t.skip(kind)
	})
	return typed
}
