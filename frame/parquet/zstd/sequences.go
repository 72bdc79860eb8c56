package zstd

import (
	"encoding/binary"
	"errors"
)

// A compressed block is literals and sequences, each of which says how many literals come next, and how many bytes after those are copied from
// how far before. The three numbers are codes of finite state entropy with bits behind them, all in one stream that is read from its end:
// https://www.rfc-editor.org/rfc/rfc8878#name-sequences-section

// recentOffsets is up to what an offset is one of the recent distances. Others are greater by that than the distance.
const recentOffsets = 3

var (
	errSequences = errors.New("the sequences of its zstd are damaged")
	errDistance  = errors.New("its zstd copies from before its beginning")
)

// sequence is a number of literals and a match that comes behind them.
type sequence struct{ literals, match, offset uint32 }

// recent are the last three distances that were copied from.
type recent [3]uint32

// distance gives from how far before a sequence copies, and keeps it. 0 is none.
func (r *recent) distance(q sequence) uint32 {
	which := q.offset
	if which > recentOffsets {
		*r = recent{which - recentOffsets, r[0], r[1]}
		return r[0]
	}
	if q.literals == 0 { // the last distance would have made the match before longer
		which++
	}
	switch which {
	case 2:
		*r = recent{r[1], r[0], r[2]}
	case 3:
		*r = recent{r[2], r[0], r[1]}
	case 4:
		*r = recent{r[0] - 1, r[0], r[1]}
	}
	return r[0]
}

// sequences are those of a block, and what they are executed on. The assembly knows how they lie in memory.
type sequences struct {
	tables *tables
	count  int // how many of them are left
	src    []byte
	left   int       // bits of src that are; negative where more were read than there are
	states [3]uint64 // of literals, matches and offsets

	recent   recent
	dst      []byte
	done     int    // up to where dst is filled
	literals []byte // slack bytes can be read behind
	taken    int    // how many of them are in dst
}

// start reads the first states.
func (s *sequences) start() (err error) {
	if s.left, err = streamBits(s.src); err != nil {
		return errSequences
	}
	s.states[0] = uint64(s.take(s.tables.literalLog))
	s.states[2] = uint64(s.take(s.tables.offsetLog))
	s.states[1] = uint64(s.take(s.tables.matchLog))
	return nil
}

// take gives the bits that come next, at most 32; where there are less, it is 0.
func (s *sequences) take(width uint) uint32 {
	s.left -= int(width)
	if s.left < 0 {
		return 0
	}
	var eight [8]byte
	copy(eight[:], s.src[s.left/8:])
	return uint32(binary.LittleEndian.Uint64(eight[:]) >> (s.left % 8) & (1<<width - 1))
}

// run decodes and executes all sequences.
func (s *sequences) run() error {
	for s.count > 0 {
		q, decoded, err := s.runMost()
		if err != nil {
			return err
		}
		if !decoded {
			q = s.decode()
		}
		if err := s.execute(q); err != nil {
			return err
		}
	}
	if s.left != 0 {
		return errSequences
	}
	return nil
}

// decode decodes a sequence. No states follow on the last.
func (s *sequences) decode() (q sequence) {
	literals, match, offset := s.tables.literals[s.states[0]], s.tables.matches[s.states[1]], s.tables.offsets[s.states[2]]
	q.offset = offset.number() + s.take(offset.numberBits())
	q.match = match.number() + s.take(match.numberBits())
	q.literals = literals.number() + s.take(literals.numberBits())
	if s.count--; s.count > 0 {
		s.states[0] = uint64(literals.next() + s.take(literals.nextBits()))
		s.states[1] = uint64(match.next() + s.take(match.nextBits()))
		s.states[2] = uint64(offset.next() + s.take(offset.nextBits()))
	}
	return q
}

// execute copies the literals and the match of a sequence.
func (s *sequences) execute(q sequence) error {
	if int(q.literals) > len(s.literals)-s.taken {
		return errSequences
	}
	if int(q.literals)+int(q.match) > len(s.dst)-s.done {
		return errSize
	}
	s.done += copy(s.dst[s.done:], s.literals[s.taken:s.taken+int(q.literals)])
	s.taken += int(q.literals)
	distance := int(s.recent.distance(q))
	if distance == 0 || distance > s.done {
		return errDistance
	}
	end := s.done + int(q.match)
	for begin := s.done - distance; s.done < end; { // what is copied may reach into what it is copied to, and is repeated then
		s.done += copy(s.dst[s.done:end], s.dst[begin:s.done])
	}
	return nil
}
