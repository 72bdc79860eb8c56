package ray

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sync"

	"github.com/klauspost/compress/zlib"
)

// partBytes is how much of the executable one object of Ray's store holds, before compression: more small ones fit a
// store that is nearly full.
const partBytes = 8 << 20

// executable is a program as it travels: its name by content, and its parts, compressed.
type executable struct {
	name  string
	parts [][]byte
}

// packed is made once a process.
var packed = sync.OnceValues(func() (executable, error) {
	path, err := os.Executable()
	if err != nil {
		return executable{}, err
	}
	// Not by its name: an executable that was replaced while it runs has none.
	b, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return executable{}, fmt.Errorf("read the executable: %w", err)
	}
	return pack(b)
})

func pack(b []byte) (executable, error) {
	sum := sha256.Sum256(b)
	e := executable{name: hex.EncodeToString(sum[:16])}
	for start := 0; start < len(b); start += partBytes {
		var out bytes.Buffer
		w, err := zlib.NewWriterLevel(&out, zlib.BestSpeed)
		if err != nil {
			return e, err
		}
		if _, err := w.Write(b[start:min(start+partBytes, len(b))]); err != nil {
			return e, err
		}
		if err := w.Close(); err != nil {
			return e, err
		}
		e.parts = append(e.parts, out.Bytes())
	}
	return e, nil
}
