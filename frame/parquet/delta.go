package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// delta reads numbers that are stored as bit-packed differences: https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC
type delta struct {
	data []byte // slack bytes can be read behind it
	at   int    // of what comes next

	perMini int // numbers of a miniblock
	minis   int // of a block
	left    int // numbers to come

	begun   bool
	last    int64
	least   int64  // smallest difference of the block
	widths  []byte // of the miniblocks to come, in bits
	inMini  int    // numbers to come of the miniblock
	bit     int
	bitsPer int
}

func newDelta(data []byte) (d delta, err error) {
	d.data = data
	block, err := d.unsigned()
	minis, minisErr := d.unsigned()
	total, totalErr := d.unsigned()
	first, firstErr := d.unsigned()
	if err := errors.Join(err, minisErr, totalErr, firstErr); err != nil {
		return d, errShort
	}
	if block == 0 || minis == 0 || block > 1<<28 || block%minis != 0 || block/minis%8 != 0 || total > 1<<31 {
		return d, fmt.Errorf("blocks of %d numbers in %d parts, %d in all, are impossible", block, minis, total)
	}
	d.perMini, d.minis, d.left = int(block/minis), int(minis), int(total)
	d.last = zigzag(first)
	return d, nil
}

func zigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

func (d *delta) unsigned() (uint64, error) {
	v, n := binary.Uvarint(d.data[d.at:])
	if n <= 0 {
		return 0, errShort
	}
	d.at += n
	return v, nil
}

// next fills out.
func (d *delta) next(out []int64) error {
	if len(out) > d.left {
		return errShort
	}
	if !d.begun && len(out) > 0 {
		out[0], out = d.last, out[1:]
		d.begun = true
		d.left--
	}
	for len(out) > 0 {
		if d.inMini == 0 {
			if err := d.mini(); err != nil {
				return err
			}
		}
		n := min(len(out), d.inMini)
		unpackLong(out[:n], d.data[:len(d.data)+slack], d.bit, d.bitsPer)
		for i, v := range out[:n] {
			d.last += d.least + v
			out[i] = d.last
		}
		d.bit += n * d.bitsPer
		d.inMini -= n
		d.left -= n
		out = out[n:]
	}
	return nil
}

// skip passes over n numbers.
func (d *delta) skip(n int) error {
	var numbers [256]int64
	for n > 0 {
		k := min(n, len(numbers))
		if err := d.next(numbers[:k]); err != nil {
			return err
		}
		n -= k
	}
	return nil
}

// mini begins the next miniblock.
func (d *delta) mini() error {
	if len(d.widths) == 0 {
		least, err := d.unsigned()
		if err != nil {
			return err
		}
		if d.minis > len(d.data)-d.at {
			return errShort
		}
		d.least = zigzag(least)
		d.widths = d.data[d.at : d.at+d.minis]
		d.at += d.minis
	}
	d.bitsPer, d.widths = int(d.widths[0]), d.widths[1:]
	if d.bitsPer > 64 {
		return fmt.Errorf("its differences have %d bits", d.bitsPer)
	}
	d.bit, d.inMini = 8*d.at, d.perMini
	bytes := d.perMini / 8 * d.bitsPer
	if rest := len(d.data) - d.at; bytes > rest { // the last may be cut after the last number
		if min(d.left, d.perMini)*d.bitsPer > 8*rest {
			return errShort
		}
		bytes = rest
	}
	d.at += bytes
	return nil
}

// scan reads all numbers and gives what f makes of them and the bytes behind them.
func (d delta) scan(f func([]int64) error) (rest []byte, err error) {
	var numbers [256]int64
	for d.left > 0 {
		n := min(d.left, len(numbers))
		if err := d.next(numbers[:n]); err != nil {
			return nil, err
		}
		if err := f(numbers[:n]); err != nil {
			return nil, err
		}
	}
	return d.data[d.at:], nil
}

// lengths are numbers of bytes that lie behind them.
type lengths struct {
	delta
	longest int
}

// newLengths reads lengths and gives the bytes that they are of.
func newLengths(data []byte) (l lengths, values []byte, err error) {
	if l.delta, err = newDelta(data); err != nil {
		return l, nil, err
	}
	sum := int64(0)
	values, err = l.scan(func(numbers []int64) error {
		for _, n := range numbers {
			if n < 0 || n > int64(len(data)) {
				return fmt.Errorf("a value has %d bytes", n)
			}
			sum += n
			l.longest = max(l.longest, int(n))
		}
		return nil
	})
	if err == nil && sum > int64(len(values)) {
		err = errShort
	}
	return l, values, err
}

// deltaBytes reads byte arrays that are stored as what they share with the one before, and the rest:
// https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTASTRING
type deltaBytes struct {
	prefixes delta
	suffixes lengths
	values   []byte // the rests to come
	value    []byte // the last
	longest  int    // most bytes that a value may have
}

func newDeltaBytes(data []byte) (d deltaBytes, err error) {
	if d.prefixes, err = newDelta(data); err != nil {
		return d, err
	}
	longest := 0
	rest, err := d.prefixes.scan(func(numbers []int64) error {
		for _, n := range numbers {
			if n < 0 || n > int64(len(data)) {
				return fmt.Errorf("a value shares %d bytes with the one before", n)
			}
			longest = max(longest, int(n))
		}
		return nil
	})
	if err != nil {
		return d, err
	}
	d.suffixes, d.values, err = newLengths(rest)
	d.longest = longest + d.suffixes.longest
	return d, err
}

// next gives the next value, which is valid until the call after.
func (d *deltaBytes) next() ([]byte, error) {
	var prefix, suffix [1]int64
	if err := d.prefixes.next(prefix[:]); err != nil {
		return nil, err
	}
	if err := d.suffixes.next(suffix[:]); err != nil {
		return nil, err
	}
	if prefix[0] > int64(len(d.value)) || suffix[0] > int64(len(d.values)) {
		return nil, errors.New("a value shares more with the one before than that has")
	}
	d.value = append(d.value[:prefix[0]], d.values[:suffix[0]]...)
	d.values = d.values[suffix[0]:]
	return d.value, nil
}

// skip passes over n values.
func (d *deltaBytes) skip(n int) error {
	for range n {
		if _, err := d.next(); err != nil {
			return err
		}
	}
	return nil
}
