package zmtp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Flags of a frame, ZMTP 3.0: https://rfc.zeromq.org/spec/23/.
const (
	flagMore    = 0x1
	flagLong    = 0x2
	flagCommand = 0x4
)

// commandLimitBytes bounds a command (READY, PING, SUBSCRIBE).
const commandLimitBytes = 64 << 10

// growStepBytes is how far memory may run ahead of the bytes that have arrived.
const growStepBytes = 1 << 20

// What a peer can do wrong; each ends its connection.
var (
	ErrTooLarge = errors.New("over the size limit")
	ErrProtocol = errors.New("protocol violation")
)

// Message is the frames of one message.
type Message [][]byte

// size is the memory that a queued message stands for, including its headers.
func (m Message) size() int64 {
	n := int64(0)
	for _, f := range m {
		n += int64(len(f)) + 9
	}
	return n
}

// Limits bound what one incoming message may hold.
type Limits struct {
	FrameBytes   int64
	MessageBytes int64
	Frames       int
}

// DefaultLimits accept frames of 256 MiB.
func DefaultLimits() Limits {
	return Limits{FrameBytes: 256 << 20, MessageBytes: 512 << 20, Frames: 1 << 16}
}

// readFrame reads one frame and refuses its size before it allocates.
func readFrame(r io.Reader, limitBytes int64) (flags byte, body []byte, err error) {
	var h [9]byte
	if _, err := io.ReadFull(r, h[:2]); err != nil {
		return 0, nil, err
	}
	flags = h[0]
	if flags&^(flagMore|flagLong|flagCommand) != 0 || flags&(flagMore|flagCommand) == flagMore|flagCommand {
		return 0, nil, fmt.Errorf("frame flags %#02x: %w", flags, ErrProtocol)
	}
	size := uint64(h[1])
	if flags&flagLong != 0 {
		if _, err := io.ReadFull(r, h[2:]); err != nil {
			return 0, nil, unexpected(err)
		}
		size = binary.BigEndian.Uint64(h[1:])
	}
	if flags&flagCommand != 0 {
		limitBytes = min(limitBytes, commandLimitBytes)
	}
	if size > uint64(limitBytes) {
		return 0, nil, fmt.Errorf("frame of %d bytes (limit %d): %w", size, limitBytes, ErrTooLarge)
	}
	body, err = readBody(r, int(size))
	return flags, body, err
}

func readBody(r io.Reader, size int) ([]byte, error) {
	if size <= growStepBytes {
		body := make([]byte, size)
		_, err := io.ReadFull(r, body)
		return body, unexpected(err)
	}
	var body []byte
	for len(body) < size {
		have := len(body)
		step := min(size-have, max(have, growStepBytes))
		body = slices.Grow(body, step)[:have+step]
		if _, err := io.ReadFull(r, body[have:]); err != nil {
			return nil, unexpected(err)
		}
	}
	return body, nil
}

// unexpected turns the end of the stream inside a frame into an error of its own.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readMessage reads up to the last frame of a message and hands the commands that come before it to command.
func readMessage(r io.Reader, l Limits, command func(name string, body []byte) error) (Message, error) {
	var m Message
	left := l.MessageBytes
	for {
		flags, body, err := readFrame(r, min(l.FrameBytes, left))
		if err != nil {
			if len(m) > 0 {
				err = unexpected(err)
			}
			return nil, err
		}
		if flags&flagCommand != 0 {
			name, rest, err := splitCommand(body)
			if err != nil {
				return nil, err
			}
			if err := command(name, rest); err != nil {
				return nil, err
			}
			continue
		}
		left -= int64(len(body))
		if m = append(m, body); len(m) > l.Frames {
			return nil, fmt.Errorf("message of more than %d frames: %w", l.Frames, ErrTooLarge)
		}
		if flags&flagMore == 0 {
			return m, nil
		}
	}
}

func splitCommand(body []byte) (name string, rest []byte, err error) {
	if len(body) == 0 || int(body[0]) > len(body)-1 {
		return "", nil, fmt.Errorf("command: %w", ErrProtocol)
	}
	n := int(body[0]) + 1
	return string(body[1:n]), body[n:], nil
}

// appendHeader appends the header of a frame of size bytes.
func appendHeader(dst []byte, flags byte, size int) []byte {
	if size > 255 {
		dst = append(dst, flags|flagLong)
		return binary.BigEndian.AppendUint64(dst, uint64(size))
	}
	return append(dst, flags, byte(size))
}
