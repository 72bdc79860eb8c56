package parquet

import (
	"encoding/binary"
	"errors"
)

// A block of snappy is the length of what it decompresses to and then elements, each a tag and what belongs to it: literals, whose bytes follow,
// and copies of what has been decompressed. The lowest two bits of a tag say which:
// https://github.com/google/snappy/blob/main/format_description.txt
const (
	snappyLiteral = 0 // the upper six bits are its length less one, or say in how many bytes that follows
	snappyNear    = 1 // a copy from less than 2 KiB before, of 4 to 11 bytes
	snappyMiddle  = 2 // a copy from less than 64 KiB before, of 1 to 64 bytes
	snappyFar     = 3 // a copy from anywhere, of 1 to 64 bytes

	// snappyInTag is how many bytes a literal has at most whose length is in its tag.
	snappyInTag = 60
)

var errSnappy = errors.New("its snappy is damaged")

// literals gives the size bytes of a block that is nothing but literals, as blocks are that can't be compressed, otherwise nil. The first stays where it
// is and the others are moved up to it, since encoders begin one every 64 KiB.
func literals(src []byte, size int) []byte {
	n, taken := binary.Uvarint(src)
	if taken <= 0 || n != uint64(size) {
		return nil
	}
	bytes := 0
	for at := taken; at < len(src); {
		length, begin := literalHead(src, at)
		if src[at]&3 != snappyLiteral || length <= 0 || length > len(src)-begin {
			return nil
		}
		bytes, at = bytes+length, begin+length
	}
	if bytes != size || size == 0 {
		return nil
	}
	done, at := literalHead(src, taken)
	out := src[at:]
	for at += done; done < size; {
		length, begin := literalHead(src, at)
		done += copy(out[done:], src[begin:begin+length])
		at = begin + length
	}
	return out[:size]
}

// literalHead gives the length of the literal whose tag is at a place, and where its bytes begin; 0 where they do not begin within src.
func literalHead(src []byte, at int) (length, begin int) {
	length = int(src[at]>>2) + 1
	at++
	if length <= snappyInTag {
		return length, at
	}
	behind := length - snappyInTag
	if behind > len(src)-at {
		return 0, at
	}
	var head [4]byte
	copy(head[:behind], src[at:])
	return int(binary.LittleEndian.Uint32(head[:])) + 1, at + behind
}

// unsnappy decompresses the elements of a block, which have to fill out.
func unsnappy(out, elements []byte) (err error) {
	done, at := 0, 0
	for at < len(elements) {
		if done, at = unsnappyMost(out, elements, done, at); at == len(elements) {
			break
		}
		if done, at, err = unsnappyOne(out, elements, done, at); err != nil {
			return err
		}
	}
	if done != len(out) {
		return errLength
	}
	return nil
}

// unsnappyOne decompresses an element, and says where the next one and its bytes belong.
func unsnappyOne(out, elements []byte, done, at int) (nextDone, nextAt int, err error) {
	tag := elements[at]
	if tag&3 == snappyLiteral {
		length, begin := literalHead(elements, at)
		if length <= 0 || length > len(elements)-begin || length > len(out)-done {
			return 0, 0, errSnappy
		}
		copy(out[done:], elements[begin:begin+length])
		return done + length, begin + length, nil
	}
	length, offset, taken := int(tag>>2)+1, 0, 3
	rest := elements[at+1:]
	switch {
	case tag&3 == snappyNear && len(rest) >= 1:
		length, offset, taken = int(tag>>2&7)+4, int(tag>>5)<<8|int(rest[0]), 2
	case tag&3 == snappyMiddle && len(rest) >= 2:
		offset = int(binary.LittleEndian.Uint16(rest))
	case tag&3 == snappyFar && len(rest) >= 4:
		offset, taken = int(binary.LittleEndian.Uint32(rest)), 5
	}
	if offset == 0 || offset > done || length > len(out)-done {
		return 0, 0, errSnappy
	}
	end := done + length
	for begin := done - offset; done < end; { // what is copied may reach into what it is copied to, and is repeated then
		done += copy(out[done:end], out[begin:done])
	}
	return done, at + taken, nil
}
