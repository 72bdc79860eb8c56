package ray

import (
	"bytes"
	"encoding/gob"
	"fmt"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
)

// note is what the session learns of a block, of the end of a split, or of the error that ended a task.
type note struct {
	Ref   distrib.Ref // without its Handle
	Error []byte      // of worker.EncodeError
}

func (n note) encode() ([]byte, error) {
	n.Ref.Handle = nil
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(&n)
	return b.Bytes(), err
}

func decodeNote(b []byte) (note, error) {
	var n note
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&n); err != nil {
		return n, fmt.Errorf("note of a block: %w", err)
	}
	return n, nil
}

func (n note) err() error {
	if n.Error == nil {
		return nil
	}
	return worker.DecodeError(n.Error)
}
