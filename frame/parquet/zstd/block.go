package zstd

// compressed decompresses a compressed block to dst, which is filled up to done, and says where it is filled to then. So many bytes can be read
// behind the block.
func (d *Decoder) compressed(dst []byte, done int, src []byte, behind int) (int, error) {
	literals, n, err := d.readLiterals(src, behind)
	if err != nil {
		return 0, err
	}
	section := src[n:]
	count, n, err := countSequences(section)
	if err != nil {
		return 0, err
	}
	section = section[n:]
	s := sequences{tables: &d.tables, count: count, recent: d.recent, dst: dst, done: done, literals: literals}
	if count > 0 {
		if n, err = d.tables.read(section); err != nil {
			return 0, err
		}
		s.src = section[n:]
		if err = s.start(); err != nil {
			return 0, err
		}
		if err = s.run(); err != nil {
			return 0, err
		}
		d.recent = s.recent
	} else if len(section) > 0 {
		return 0, errSequences
	}
	literals = literals[s.taken:]
	if len(literals) > len(dst)-s.done {
		return 0, errSize
	}
	end := s.done + copy(dst[s.done:], literals)
	if end-done > blockMost {
		return 0, errBlock
	}
	return end, nil
}

// countSequences reads how many sequences a section has, and says how many bytes that takes.
func countSequences(section []byte) (count, n int, err error) {
	if len(section) == 0 {
		return 0, 0, errSequences
	}
	switch first := int(section[0]); {
	case first < 128:
		return first, 1, nil
	case first < 255 && len(section) >= 2:
		return (first-128)<<8 + int(section[1]), 2, nil
	case first == 255 && len(section) >= 3:
		return int(section[1]) + int(section[2])<<8 + 0x7f00, 3, nil
	}
	return 0, 0, errSequences
}
