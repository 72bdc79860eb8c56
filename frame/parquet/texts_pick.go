package parquet

func (t *texts) pick(at int, picks []int32, base int32, n int) error {
	ends := t.offsets[at+1 : at+1+len(picks)]
	from := t.used
	var err error
	switch t.encoding {
	case encodingPlain:
		if t.length > 0 {
			err = t.pickFixed(ends, picks, base, n)
		} else {
			err = t.pickSpans(ends, picks, base, n)
		}
	case encodingPlainDictionary, encodingRLEDictionary:
		return t.codes.pickTiles(t.numbers[:], picks, base, n, func(done int, codes []uint32) error {
			return t.look(ends[done:done+len(codes)], codes)
		})
	case encodingByteStreamSplit:
		err = t.pickEach(ends, picks, base, n, t.readStreams)
	case encodingDeltaLength:
		err = t.pickSpans(ends, picks, base, n)
	default:
		err = t.pickEach(ends, picks, base, n, t.readShared)
	}
	if err == nil && t.utf8 {
		err = t.checkEach(from, ends)
	}
	return err
}

func (t *texts) pickSpans(ends, picks []int32, base int32, n int) error {
	for n > 0 {
		spans, stored := t.spans[:min(n, tileRows)], t.stored
		if err := t.walk(spans); err != nil {
			return err
		}
		some := 0
		for ; some < len(picks) && int(picks[some]-base) < len(spans); some++ {
			spans[some] = spans[picks[some]-base]
		}
		if err := t.appendSpans(ends[:some], stored, spans[:some]); err != nil {
			return err
		}
		ends, picks = ends[some:], picks[some:]
		base += int32(len(spans))
		n -= len(spans)
	}
	return nil
}

// pickFixed picks values that all have the same length.
func (t *texts) pickFixed(ends, picks []int32, base int32, n int) error {
	if n > len(t.stored)/t.length {
		return errShort
	}
	for i, p := range picks {
		at := int(p-base) * t.length
		if err := t.append(t.stored[at : at+t.length]); err != nil {
			return err
		}
		ends[i] = int32(t.used)
	}
	t.stored = t.stored[n*t.length:]
	return nil
}

// pickEach reads the picks run by run of rows that follow one another, and skips what lies between.
func (t *texts) pickEach(ends, picks []int32, base int32, n int, read func(ends []int32) error) error {
	end := base + int32(n)
	for len(picks) > 0 {
		if err := t.skip(int(picks[0] - base)); err != nil {
			return err
		}
		k := 1
		for k < len(picks) && picks[k] == picks[0]+int32(k) {
			k++
		}
		if err := read(ends[:k]); err != nil {
			return err
		}
		ends, base, picks = ends[k:], picks[k-1]+1, picks[k:]
	}
	return t.skip(int(end - base))
}
