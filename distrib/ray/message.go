package ray

import (
	"encoding/binary"
	"errors"
)

// The kinds of datagrams between a Ray worker and its child; glue/worker.py has them too.
const (
	msgRun    = 1 // body: the request, or a memory file that holds it where capacity is 1
	msgInput  = 2 // number: of the input; length bytes of the inbox, a memory file of capacity bytes, which comes when it is new
	msgCredit = 3 // number: of the slot that can be filled again
	msgCancel = 4

	msgBlock  = 11 // body: the note; length bytes of slot number, whose memory file of capacity bytes comes when it is new
	msgNote   = 12 // body: the note
	msgWant   = 13 // number: of the input
	msgDone   = 14
	msgFailed = 15 // body: the note
)

const messageBytes = 24

// maxBodyBytes fits the receiver's buffer.
const maxBodyBytes = 128 << 10

type message struct {
	kind     byte
	number   int
	length   int64
	capacity int64
	body     []byte
}

func (m message) encode() []byte {
	b := make([]byte, messageBytes, messageBytes+len(m.body))
	b[0] = m.kind
	binary.LittleEndian.PutUint32(b[4:], uint32(m.number))
	binary.LittleEndian.PutUint64(b[8:], uint64(m.length))
	binary.LittleEndian.PutUint64(b[16:], uint64(m.capacity))
	return append(b, m.body...)
}

func decodeMessage(b []byte) (message, error) {
	if len(b) < messageBytes {
		return message{}, errors.New("a datagram is too short")
	}
	return message{
		kind:     b[0],
		number:   int(binary.LittleEndian.Uint32(b[4:])),
		length:   int64(binary.LittleEndian.Uint64(b[8:])),
		capacity: int64(binary.LittleEndian.Uint64(b[16:])),
		body:     b[messageBytes:],
	}, nil
}
