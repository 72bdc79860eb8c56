package parquet

func (w *words[W]) pick(at int, picks []int32, base int32, n int) error {
	out := w.out[at : at+len(picks)]
	switch w.encoding {
	case encodingPlain:
		if n > len(w.stored)/w.width {
			return errShort
		}
		taken := w.stored[:n*w.width]
		w.stored = w.stored[n*w.width:]
		return w.pickPlain(out, taken, picks, base)
	case encodingPlainDictionary, encodingRLEDictionary:
		return w.codes.pickTiles(w.numbers[:], picks, base, n, func(done int, codes []uint32) error {
			return w.look(out[done:done+len(codes)], codes)
		})
	}
	return w.pickUnfolded(out, picks, base, n)
}

// pickPlain converts some of the values that are stored.
func (w *words[W]) pickPlain(out []W, stored []byte, picks []int32, base int32) error {
	for all := w.makeTile(); len(out) > 0; {
		k := min(len(out), tileRows)
		tile := all[:k*w.width]
		switch w.width {
		case 4:
			choose(view[uint32](tile, k), view[uint32](stored, len(stored)/4), picks[:k], base)
		case 8:
			choose(view[uint64](tile, k), view[uint64](stored, len(stored)/8), picks[:k], base)
		default:
			for i, p := range picks[:k] {
				copy(tile[i*w.width:(i+1)*w.width], stored[int(p-base)*w.width:])
			}
		}
		if err := w.convert(out[:k], tile); err != nil {
			return err
		}
		out, picks = out[k:], picks[k:]
	}
	return nil
}

// pickUnfolded decodes all of the next n values, which can't be told apart before, and converts some.
func (w *words[W]) pickUnfolded(out []W, picks []int32, base int32, n int) error {
	tile := w.makeTile()
	for n > 0 {
		k := min(n, tileRows)
		if err := w.unfold(k); err != nil {
			return err
		}
		some := before(picks[:min(len(picks), k)], base+int32(k))
		for i, p := range picks[:some] {
			copy(tile[i*w.width:(i+1)*w.width], tile[int(p-base)*w.width:])
		}
		if err := w.convert(out[:some], tile[:some*w.width]); err != nil {
			return err
		}
		out, picks = out[some:], picks[some:]
		base += int32(k)
		n -= k
	}
	return nil
}
