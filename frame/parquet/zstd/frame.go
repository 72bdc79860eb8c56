package zstd

import (
	"encoding/binary"
	"errors"

	"github.com/cespare/xxhash/v2"
)

const (
	frameMagic     = 0xfd2fb528
	skippableMagic = 0x184d2a50 // and the fifteen numbers behind

	blockRaw, blockRepeated, blockCompressed = 0, 1, 2

	// blockMost is how many bytes a block has at most, as stored and decompressed.
	blockMost = 128 << 10
)

var (
	errShort      = errors.New("its zstd ends too early")
	errFrame      = errors.New("a frame of its zstd is damaged")
	errBlock      = errors.New("a block of its zstd is damaged")
	errSize       = errors.New("its zstd is longer than it should be, or than it says")
	errDictionary = errors.New("its zstd needs a dictionary, which it does not have")
	errChecksum   = errors.New("its zstd does not have the checksum that it should")
)

// Decoder decompresses frames. It keeps what it needs for that, some 150 KiB, and may be used by one goroutine at a time.
type Decoder struct {
	huffman  huffman // of the last block that had one
	tables   tables  // of the last block that had sequences
	recent   recent
	literals [blockMost + slack]byte
}

// Quick says whether the processor has the instructions that the inner loops are written with. Without them there are quicker decoders.
func Quick() bool { return wide }

// Decode decompresses frames to the beginning of dst, and says how many bytes that are.
func (d *Decoder) Decode(dst, src []byte) (int, error) {
	done := 0
	for len(src) > 0 {
		if len(src) < 8 {
			return 0, errShort
		}
		switch magic := binary.LittleEndian.Uint32(src); {
		case magic == frameMagic:
			written, read, err := d.frame(dst[done:], src)
			if err != nil {
				return 0, err
			}
			done += written
			src = src[read:]
		case magic&^15 == skippableMagic:
			size := binary.LittleEndian.Uint32(src[4:])
			if uint64(size) > uint64(len(src)-8) {
				return 0, errShort
			}
			src = src[8+int(size):]
		default:
			return 0, errFrame
		}
	}
	return done, nil
}

// header is what a frame says of itself.
type header struct {
	size     uint64 // of what it decompresses to
	sized    bool   // whether it says that
	checksum bool   // whether one follows the blocks
}

// readHeader reads a frame's header, the magic number not included, and says how many bytes it takes.
func readHeader(src []byte) (h header, n int, err error) {
	flags := src[0]
	const reserved = 0x08
	if flags&reserved != 0 {
		return h, 0, errFrame
	}
	single, sizeBytes := flags&0x20 != 0, [4]int{0, 2, 4, 8}[flags>>6]
	n = 2 // with the size of the window, which may be any
	if single {
		n, sizeBytes = 1, max(sizeBytes, 1)
	}
	dictionaryBytes := [4]int{0, 1, 2, 4}[flags&3]
	if n+dictionaryBytes+sizeBytes > len(src) {
		return h, 0, errShort
	}
	if number(src[n:][:dictionaryBytes]) != 0 {
		return h, 0, errDictionary
	}
	n += dictionaryBytes
	h = header{size: number(src[n:][:sizeBytes]), sized: sizeBytes > 0, checksum: flags&0x04 != 0}
	if sizeBytes == 2 {
		h.size += 256
	}
	return h, n + sizeBytes, nil
}

// number is bytes as a number, the lowest first.
func number(b []byte) (n uint64) {
	for i, c := range b {
		n |= uint64(c) << (8 * i)
	}
	return n
}

// frame decompresses a frame to the beginning of dst, and says how many bytes it has written and read.
func (d *Decoder) frame(dst, src []byte) (written, read int, err error) {
	const magicBytes, headBytes, checksumBytes = 4, 3, 4
	h, n, err := readHeader(src[magicBytes:])
	if err != nil {
		return 0, 0, err
	}
	if h.sized {
		if h.size > uint64(len(dst)) {
			return 0, 0, errSize
		}
		dst = dst[:h.size]
	}
	d.huffman.log, d.tables.known = 0, false
	d.recent = recent{1, 4, 8}
	at := magicBytes + n
	for last := false; !last; {
		if len(src)-at < headBytes {
			return 0, 0, errShort
		}
		head := number(src[at:][:headBytes])
		last = head&1 != 0
		at += headBytes
		kind, size := head>>1&3, int(head>>3)
		if size > blockMost {
			return 0, 0, errBlock
		}
		if written, n, err = d.block(dst, written, src[at:], int(kind), size); err != nil {
			return 0, 0, err
		}
		at += n
	}
	if h.sized && written != len(dst) {
		return 0, 0, errSize
	}
	if !h.checksum {
		return written, at, nil
	}
	if len(src)-at < checksumBytes {
		return 0, 0, errShort
	}
	if binary.LittleEndian.Uint32(src[at:]) != uint32(xxhash.Sum64(dst[:written])) {
		return 0, 0, errChecksum
	}
	return written, at + checksumBytes, nil
}

// block decompresses a block of a kind and size at the beginning of src to dst, which is filled up to done. It says where it is filled to then, and
// how many bytes it has read.
func (d *Decoder) block(dst []byte, done int, src []byte, kind, size int) (end, read int, err error) {
	if read = size; kind == blockRepeated {
		read = 1
	}
	if read > len(src) {
		return 0, 0, errShort
	}
	if kind == blockCompressed {
		end, err = d.compressed(dst, done, src[:size], len(src)-size)
		return end, read, err
	}
	if size > len(dst)-done {
		return 0, 0, errSize
	}
	switch end = done + size; kind {
	case blockRaw:
		copy(dst[done:end], src)
	case blockRepeated:
		repeat(dst[done:end], src[0])
	default:
		return 0, 0, errBlock
	}
	return end, read, nil
}

// repeat fills dst with a byte.
func repeat(dst []byte, with byte) {
	for i := range dst {
		dst[i] = with
	}
}
